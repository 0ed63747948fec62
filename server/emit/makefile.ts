/** The Makefile of a project: simulation with or without the vendor's tools, then the vendor's steps. */
import { isCircular } from '../estimate/die-order.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { testBenchSources } from './bench.ts';
import { sourceFlags } from './hls.ts';
import { identifier } from './names.ts';
import { inputRows, rowsAreTokens } from './rows.ts';
import type { Top } from './tops.ts';

export function makefile(estimate: AcceleratorEstimate, tops: readonly Top[]): string {
  const name = identifier(estimate.accelerator.name);
  const card = identifier(estimate.accelerator.device.name);
  // Tops that feed each other run side by side or not at all.
  const way = isCircular(estimate) ? 'FIBERS' : 'SEQUENTIAL';
  const sources = [...tops.map((top) => `src/${top.name}.cpp`), ...testBenchSources(estimate)];
  return `# make csim           compile and run the test bench (csim/, or the vendor's headers where XILINX_HLS points to them)
# make csim-fibers    the same with every process side by side and FIFOs of their real depths: finds deadlocks, counts cycles
# make csim-model     all ${estimate.accelerator.model.layer.repeat} layers in turn, each on the rows that the one before gave (LAYERS=n: fewer)
# make golden         run the test bench and record the hash of its result in tb/golden.h
# make csynth | cosim | xo [TOP=${tops[0]!.name}]          the vendor's synthesis, RTL simulation and kernel objects
# make link | run  TARGET=hw_emu|hw PLATFORM=…    xclbin and host program
# ${rowsAreTokens(estimate) ? `TOKENS=n simulates fewer rows than ${inputRows(estimate)} (more may need deeper FIFOs); ` : ''}SEED=n takes other random weights and inputs.

TOPS     := ${tops.map((top) => top.name).join(' ')}
SOURCES  := ${sources.join(' \\\n            ')}
TOKENS   ?= ${inputRows(estimate)}
SEED     ?= 1
LAYERS   ?= ${estimate.accelerator.model.layer.repeat}
TARGET   ?= hw_emu
PLATFORM ?=
TOP      ?= $(TOPS)
CXX      ?= g++
# Loops over arrays in vectors; more optimisation takes longer than it saves, up to passes of some hundred rows.
CXXFLAGS ?= -O1 -ftree-vectorize
WARNINGS := -Wall -Wextra -Wno-unknown-pragmas

ifneq ($(wildcard $(XILINX_HLS)/include/ap_int.h),)
  HEADERS := -isystem $(XILINX_HLS)/include
  SIMULATOR := vendor
else
  HEADERS := -Icsim -DWEFT_CSIM
  SIMULATOR := csim
endif
FLAGS = ${sourceFlags} $(CXXFLAGS) $(WARNINGS) -MMD -MP -Isrc -DWEFT_TOKENS=$(TOKENS)

SEQUENTIAL := build/$(SIMULATOR)-$(TOKENS)
FIBERS     := build/fibers-$(TOKENS)

.PHONY: csim csim-fibers csim-model golden csynth cosim xo link run host clean
.DELETE_ON_ERROR:

# The test bench alone, to run it by hand: build/csim builds it.
build/csim: $(${way})/${name}_tb

csim: $(${way})/${name}_tb
	./$< --seed $(SEED)

csim-fibers: $(FIBERS)/${name}_tb
	./$< --seed $(SEED)

csim-model: $(${way})/${name}_tb
	./$< --seed $(SEED) --layers $(LAYERS)

golden: $(${way})/${name}_tb
	./$< --seed $(SEED) --record tb/golden.h

$(SEQUENTIAL)/${name}_tb: $(SOURCES:%.cpp=$(SEQUENTIAL)/%.o)
	$(CXX) $(CXXFLAGS) -o $@ $^

$(FIBERS)/${name}_tb: $(SOURCES:%.cpp=$(FIBERS)/%.o)
	$(CXX) $(CXXFLAGS) -o $@ $^

$(SEQUENTIAL)/%.o: %.cpp
	@mkdir -p $(@D)
	$(CXX) $(FLAGS) $(HEADERS) -c -o $@ $<

$(FIBERS)/%.o: %.cpp
	@mkdir -p $(@D)
	$(CXX) $(FLAGS) -Icsim -DWEFT_CSIM -DWEFT_FIBERS -DWEFT_FIBERS_ASM -c -o $@ $<

csynth: $(TOP:%=csynth-%)
cosim: $(TOP:%=cosim-%)
xo: $(TOPS:%=build/%.xo)

csynth-%:
	cd hls && v++ -c --mode hls --config $*.cfg --work_dir ../build/hls/$*

cosim-%: csynth-%
	cd hls && vitis-run --mode hls --cosim --config $*.cfg --work_dir ../build/hls/$*

build/%.xo: src/%.cpp hls/%.cfg
	cd hls && v++ -c --mode hls --config $*.cfg --work_dir ../build/hls/$*
	cd hls && vitis-run --mode hls --package --config $*.cfg --work_dir ../build/hls/$*

XCLBIN := build/${name}.$(TARGET).xclbin

link: $(XCLBIN)

$(XCLBIN): $(TOPS:%=build/%.xo) link/${card}.cfg
	$(if $(PLATFORM),,$(error PLATFORM is not set: make link TARGET=$(TARGET) PLATFORM=<name or .xpfm of the card's platform>))
	v++ -l -t $(TARGET) --platform $(PLATFORM) --config link/${card}.cfg -o $@ $(TOPS:%=build/%.xo)

host: build/host

build/host: host/host.cpp host/layer.h host/layout.h host/quantise.h tb/reference.h $(wildcard tb/reference/*.h) tb/noise.h tb/prng.h src/design.h
	@mkdir -p $(@D)
	$(CXX) ${sourceFlags} $(CXXFLAGS) $(WARNINGS) -DWEFT_TOKENS=${inputRows(estimate)} -I$(XILINX_XRT)/include -o $@ $< -L$(XILINX_XRT)/lib -lxrt_coreutil -pthread

run: $(XCLBIN) build/host
	$(if $(filter hw_emu,$(TARGET)),emconfigutil --platform $(PLATFORM) --od build && cd build && XCL_EMULATION_MODE=hw_emu )$(abspath build/host) $(abspath $(XCLBIN))

clean:
	rm -rf build

-include $(SOURCES:%.cpp=$(SEQUENTIAL)/%.d) $(SOURCES:%.cpp=$(FIBERS)/%.d)
`;
}
