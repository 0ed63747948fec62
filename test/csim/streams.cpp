// Small designs, chosen by the first argument, that streams.test.ts builds and runs in each mode.
#include <ap_int.h>
#include <dataflow.h>
#include <weft_sim.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

using word = ap_int<32>;

// --- A producer, a unit that reads K tokens and then writes T, a consumer: the ideal pipeline that was compared with RTL ---

static int K, T, tiles, interval_in, interval_out;

void produce(hls::stream<word>& out) {
  for (int i = 0; i < tiles * K; ++i) {
    out.write(i);
    WEFT_TICK(interval_in);
  }
}
void reduce(hls::stream<word>& in, hls::stream<word>& out) {
  for (int tile = 0; tile < tiles; ++tile) {
    word sum = 0;
    for (int k = 0; k < K; ++k) {
      sum += in.read();
      WEFT_TICK(1);
    }
    for (int t = 0; t < T; ++t) {
      out.write(sum + t);
      WEFT_TICK(1);
    }
  }
}
void consume(hls::stream<word>& in, word& sum) {
  for (int i = 0; i < tiles * T; ++i) {
    sum += in.read();
    WEFT_TICK(interval_out);
  }
}
template <int Depth> word pipeline() {
  hls::stream<word, Depth> fed("fed"), reduced("reduced");
  word sum = 0;
  DF_BEGIN
  DF_CALL(produce, fed)
  DF_CALL(reduce, fed, reduced)
  DF_CALL(consume, reduced, sum)
  DF_END
  return sum;
}

// --- A fork whose branches join: dead when the FIFO of the branch that waits is too shallow ---

void split(hls::stream<word>& skip, hls::stream<word>& main) {
  for (int i = 0; i < 8; ++i) skip << word(i);
  for (int i = 0; i < 8; ++i) main << word(i);
}
void join(hls::stream<word>& skip, hls::stream<word>& main, word& sum) {
  for (int i = 0; i < 8; ++i) {
    const word skipped = skip.read();
    sum += skipped * main.read();
  }
}
template <int Depth> word fork_join() {
  hls::stream<word, Depth> skip("skip"), main("main");
  word sum = 0;
  DF_BEGIN
  DF_CALL(split, skip, main)
  DF_CALL(join, skip, main, sum)
  DF_END
  return sum;
}

// --- Regions within processes ---

template <int Factor, int Count> void scale(hls::stream<word>& in, hls::stream<word>& out) {
  for (int i = 0; i < Count; ++i) {
    out.write(in.read() * Factor);
    WEFT_TICK(1);
  }
}
void layer(hls::stream<word>& in, hls::stream<word>& out) {
  hls::stream<word> between("between");
  DF_BEGIN
  DF_CALL((scale<2, 10>), in, between)
  DF_CALL((scale<3, 10>), between, out)
  DF_END
}
void feed(hls::stream<word>& out) {
  for (int i = 0; i < 10; ++i) {
    out.write(i);
    WEFT_TICK(1);
  }
}
void drain(hls::stream<word>& in, word& sum) {
  for (int i = 0; i < 10; ++i) sum += in.read();
}
word nested() {
  hls::stream<word> a("a"), b("b"), c("c");
  word sum = 0;
  DF_BEGIN
  DF_CALL(feed, a)
  DF_CALL(layer, a, b)
  DF_CALL(layer, b, c)
  DF_CALL(drain, c, sum)
  DF_END
  return sum;
}

// --- The output of the second process is an input of the first ---

void forward(hls::stream<word>& back, hls::stream<word>& out) {
  word value = 1;
  for (int i = 0; i < 5; ++i) {
    out << value;
    value = back.read();
  }
}
void reply(hls::stream<word>& in, hls::stream<word>& back, word& last) {
  for (int i = 0; i < 5; ++i) back << (last = in.read() * 2);
}
word feedback() {
  hls::stream<word> back("back"), out("out");
  word last = 0;
  DF_BEGIN
  DF_CALL(forward, back, out)
  DF_CALL(reply, out, back, last)
  DF_END
  return last;
}

// --- A pipeline of latency 20 between two others ---

void deep(hls::stream<word>& in, hls::stream<word>& out) {
  WEFT_LATENCY(20);
  for (int i = 0; i < 10; ++i) {
    out.write(in.read());
    WEFT_TICK(1);
  }
}
word latency() {
  hls::stream<word, 32> a("a"), b("b");
  word sum = 0;
  DF_BEGIN
  DF_CALL(feed, a)
  DF_CALL(deep, a, b)
  DF_CALL(drain, b, sum)
  DF_END
  return sum;
}

// --- Non-blocking access, for better and for worse ---

void poll(hls::stream<word>& in, word& sum) {
  for (int got = 0; got < 10;) {
    word token;
    if (in.read_nb(token)) {
      sum += token;
      ++got;
    }
  }
}
void offer(hls::stream<word>& out) {
  for (int i = 0; i < 10;) i += out.write_nb(i);
}
word polling() {
  hls::stream<word> s("polled");
  word sum = 0;
  DF_BEGIN
  DF_CALL(offer, s)
  DF_CALL(poll, s, sum)
  DF_END
  return sum;
}
word polling_in_vain() {
  hls::stream<word> s("polled");
  word sum = 0;
  DF_BEGIN
  DF_CALL(poll, s, sum)
  DF_END
  return sum;
}

// --- Connections that DATAFLOW does not allow, and streams that the test bench holds ---

word two_writers() {
  hls::stream<word, 16> s("shared");
  word sum = 0;
  DF_BEGIN
  DF_CALL(feed, s)
  DF_CALL(feed, s)
  DF_CALL(drain, s, sum)
  DF_END
  return sum;
}
void copy_ten(hls::stream<word>& in, hls::stream<word>& out) {
  DF_BEGIN
  DF_CALL((scale<1, 10>), in, out)
  DF_END
}
word from_test_bench() {
  hls::stream<word> in("in"), out("out");
  WEFT_UNBOUNDED(in);
  WEFT_UNBOUNDED(out);
  for (int i = 0; i < 10; ++i) in << word(i);
  copy_ten(in, out);
  word sum = 0;
  while (!out.empty()) sum += out.read();
  return sum;
}
word without_room() {
  hls::stream<word> in("in");
  for (int i = 0; i < 10; ++i) in << word(i);
  return in.read();
}
word tokens_left() {
  hls::stream<word> s("forgotten");
  s << word(1);
  return 0;
}
word many_calls() {
  word sum = 0;
  for (int i = 0; i < 20000; ++i) sum += fork_join<7>();
  return sum;
}

int main(int argc, char** argv) {
  const char* const design = argc > 1 ? argv[1] : "";
  const auto is = [&](const char* name) { return std::strcmp(design, name) == 0; };
  const auto number = [&](int i) { return i < argc ? std::atoi(argv[i]) : 0; };
  word result = -1;
  if (is("pipeline")) {
    K = number(2), T = number(3), tiles = number(4), interval_in = number(6), interval_out = number(7);
    switch (number(5)) {
      case 1: result = pipeline<1>(); break;
      case 2: result = pipeline<2>(); break;
      case 3: result = pipeline<3>(); break;
      case 4: result = pipeline<4>(); break;
      case 16: result = pipeline<16>(); break;
      case 32: result = pipeline<32>(); break;
    }
  }
  if (is("fork-join")) result = number(2) == 6 ? fork_join<6>() : fork_join<7>();
  if (is("record")) {
    weft_sim::record("layer/between");
    weft_sim::record("b");
    result = nested();
    for (const word& token : weft_sim::recorded<word>("layer/between")) std::printf("%d ", token.to_int());
    for (const word& token : weft_sim::recorded<word>("b")) std::printf("%d ", token.to_int());
    std::printf("\n");
    weft_sim::recorded<word>(argc > 2 ? argv[2] : "b");
  }
  if (is("nested")) result = nested();
  if (is("feedback")) result = feedback();
  if (is("latency")) result = latency();
  if (is("polling")) result = polling();
  if (is("polling-in-vain")) result = polling_in_vain();
  if (is("two-writers")) result = two_writers();
  if (is("test-bench")) result = from_test_bench();
  if (is("without-room")) result = without_room();
  if (is("tokens-left")) result = tokens_left();
  if (is("many-calls")) result = many_calls();
  std::printf("%d\n", result.to_int());
}
