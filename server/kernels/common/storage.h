// Where an array or a FIFO of a kernel lies: a type that binds it, so that a template argument chooses the primitive.
//
// Each bind() and bind_fifo() is inlined into the function that declares the variable, and its pragma with it.
#ifndef WEFT_STORAGE_H
#define WEFT_STORAGE_H

namespace weft {

struct srl {
  template <class FIFO>
  static void bind_fifo(FIFO &fifo) {
#pragma HLS INLINE
#pragma HLS BIND_STORAGE variable=fifo type=fifo impl=srl
    (void)fifo;
  }
};

struct lutram {
  template <class FIFO>
  static void bind_fifo(FIFO &fifo) {
#pragma HLS INLINE
#pragma HLS BIND_STORAGE variable=fifo type=fifo impl=lutram
    (void)fifo;
  }
  template <class MEMORY>
  static void bind(MEMORY &memory) {
#pragma HLS INLINE
#pragma HLS BIND_STORAGE variable=memory type=ram_s2p impl=lutram
    (void)memory;
  }
  static const int read_stages = 0;
};

struct bram {
  template <class FIFO>
  static void bind_fifo(FIFO &fifo) {
#pragma HLS INLINE
#pragma HLS BIND_STORAGE variable=fifo type=fifo impl=bram
    (void)fifo;
  }
  template <class MEMORY>
  static void bind(MEMORY &memory) {
#pragma HLS INLINE
#pragma HLS BIND_STORAGE variable=memory type=ram_s2p impl=bram
    (void)memory;
  }
  static const int read_stages = 0;
};

/// With its output register, which 300 MHz need: a read takes a stage more.
struct uram {
  template <class FIFO>
  static void bind_fifo(FIFO &fifo) {
#pragma HLS INLINE
#pragma HLS BIND_STORAGE variable=fifo type=fifo impl=uram
    (void)fifo;
  }
  template <class MEMORY>
  static void bind(MEMORY &memory) {
#pragma HLS INLINE
#pragma HLS BIND_STORAGE variable=memory type=ram_s2p impl=uram latency=2
    (void)memory;
  }
  static const int read_stages = 1;
};

/// Kept nowhere: read from memory again each time, through a FIFO of so many beats in that primitive.
template <int BEATS, class STORAGE>
struct staged {};
typedef staged<32, srl> streamed;

/// The FIFO of what is staged.
template <class STAGING>
struct staging_fifo;
template <int BEATS, class STORAGE>
struct staging_fifo<staged<BEATS, STORAGE>> {
  static const int depth = BEATS;
  typedef STORAGE storage;
};

/// LUTRAM up to 128 words, block RAM beyond.
template <bool SHALLOW>
struct by_depth {
  typedef bram storage;
};
template <>
struct by_depth<true> {
  typedef lutram storage;
};
template <int WORDS>
using storage_for = typename by_depth<(WORDS <= 128)>::storage;

/// A buffer between two processes of a DATAFLOW region that is written whole before it is read: two of it, so that the
/// next pass is written while this one is read, or one.
template <class STORAGE>
struct ping_pong {
  template <class MEMORY>
  static void bind(MEMORY &memory) {
#pragma HLS INLINE
#pragma HLS STREAM variable=memory type=pipo depth=2
    STORAGE::bind(memory);
  }
  static const int read_stages = STORAGE::read_stages;
};

template <class STORAGE>
struct single {
  template <class MEMORY>
  static void bind(MEMORY &memory) {
#pragma HLS INLINE
#pragma HLS STREAM variable=memory type=shared depth=1
    STORAGE::bind(memory);
  }
  static const int read_stages = STORAGE::read_stages;
};

}  // namespace weft

#endif
