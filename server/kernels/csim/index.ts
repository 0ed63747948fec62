/** The headers for C simulation without the vendor's tools, by their path in the folder that `-I` names: see README.md. */
import apAxiSdata from './ap_axi_sdata.h';
import apFixed from './ap_fixed.h';
import apInt from './ap_int.h';
import hlsStream from './hls_stream.h';
import hlsVector from './hls_vector.h';
import access from './weft_sim/access.h';
import context from './weft_sim/context.h';
import cycles from './weft_sim/cycles.h';
import fail from './weft_sim/fail.h';
import fifo from './weft_sim/fifo.h';
import fixed from './weft_sim/fixed.h';
import integer from './weft_sim/integer.h';
import limbs from './weft_sim/limbs.h';
import naming from './weft_sim/naming.h';
import native from './weft_sim/native.h';
import operators from './weft_sim/operators.h';
import processHeader from './weft_sim/process.h';
import quantise from './weft_sim/quantise.h';
import record from './weft_sim/record.h';
import sequential from './weft_sim/sequential.h';
import weftSim from './weft_sim.h';

export const csimFiles: Readonly<Record<string, string>> = {
  'ap_axi_sdata.h': apAxiSdata,
  'ap_fixed.h': apFixed,
  'ap_int.h': apInt,
  'hls_stream.h': hlsStream,
  'hls_vector.h': hlsVector,
  'weft_sim.h': weftSim,
  'weft_sim/access.h': access,
  'weft_sim/context.h': context,
  'weft_sim/cycles.h': cycles,
  'weft_sim/fail.h': fail,
  'weft_sim/fifo.h': fifo,
  'weft_sim/fixed.h': fixed,
  'weft_sim/integer.h': integer,
  'weft_sim/limbs.h': limbs,
  'weft_sim/naming.h': naming,
  'weft_sim/native.h': native,
  'weft_sim/operators.h': operators,
  'weft_sim/process.h': processHeader,
  'weft_sim/quantise.h': quantise,
  'weft_sim/record.h': record,
  'weft_sim/sequential.h': sequential,
};
