// Windows over an image: what a convolution and a pooling read. The image comes pixel by pixel, row after row; a ring of
// pixels on the chip (the line buffer) keeps those that windows still want.
//
//   in   word<IN, T * D>   block of T pixels -> D of CHANNELS channels a word
//   out  word<IN, R * D>   block of R windows -> tap (SIZE x SIZE, row by row) -> D of CHANNELS channels a word;
//                          with TAPS_INSIDE: block -> channels -> tap
//
// Pixels are numbered row by row; windows too, and a block of R windows may go over the end of a row. What lies outside of
// the image, and behind the last window, is PADDING.
//
// The ring. Pixel p lies in bank p mod BANKS; BANKS is a power of two of at least R * STRIDE and T, so that the R pixels of
// a tap that stand in one row, and the T pixels of a word that comes in, lie in different banks. A block that goes over
// the ends of rows takes SEGMENTS cycles a word, one for each row that it touches. ROWS * BANKS pixels hold all that lies
// between the oldest pixel of a block and the newest of the next one (window.ts finds ROWS and SEGMENTS).
//
// While the windows of a block go out, the pixels come in that the next block wants beyond them:
//   cycles = sum over blocks of max(taps * groups * SEGMENTS, words in) + window_overhead, after those of the first block
#ifndef WEFT_WINDOW_H
#define WEFT_WINDOW_H

#include "dataflow.h"
#include "stages.h"
#include "storage.h"
#include "word.h"

namespace weft {

/// Cycles between the loops of two blocks: lanes placed 2, address 1, memory 2, lane selected 1.
const int window_overhead = 6;
/// A window leaves so many cycles after its iteration has begun: address 1, memory 2, lane selected 1.
const int window_depth = 4;

constexpr int power_of_two(int least) { return 1 << ceil_log2(least); }

/// Where the R windows of a block stand: column and row of their first tap, place of that row in the ring, and how many
/// ends of rows lie between the first window and this one.
template <int R>
struct window_lanes {
  int x[R];
  int y[R];
  int line[R];
  int segment[R];
};

/// An image, the windows over it, and how it comes and goes: T pixels and R windows side by side, D channels of each.
template <int HEIGHT, int WIDTH, int CHANNELS, int SIZE, int STRIDE, int PAD, int T, int R, int D, int ROWS>
struct window_ring {
  static const int height = HEIGHT;
  static const int width = WIDTH;
  static const int size = SIZE;
  static const int stride = STRIDE;
  static const int pad = PAD;
  static const int pixels = T;
  static const int lanes = R;
  static const int channels = D;
  static const int rows = ROWS;
  static const int banks = power_of_two(greatest(R * STRIDE, T));
  static const int capacity = ROWS * banks;
  static const int groups = ceil_div(CHANNELS, D);
  static const int taps = SIZE * SIZE;
  static const int out_width = (WIDTH + 2 * PAD - SIZE) / STRIDE + 1;
  static const int out_height = (HEIGHT + 2 * PAD - SIZE) / STRIDE + 1;
  static const int windows = out_width * out_height;
  static const int blocks = ceil_div(windows, R);
  /// Ends of rows that a block can go over.
  static const int wraps = ceil_div(R, out_width);
  static_assert(PAD < SIZE, "a window must touch the image");
  static_assert(capacity >= WIDTH, "the ring must hold a row of the image, so that a place wraps round at most once");

  static int wrapped(int place) {
#pragma HLS INLINE
    return place >= capacity ? place - capacity : place;
  }

  static int bank_of(int place) {
#pragma HLS INLINE
    return place & (banks - 1);
  }
  static int row_of(int place) {
#pragma HLS INLINE
    return place >> ceil_log2(banks);
  }

  /// The lanes of the block whose first window is at (x, y), its row of pixels at `line` of the ring.
  static void place(int x, int y, int line, window_lanes<R> &lanes) {
#pragma HLS INLINE
    for (int r = 0; r < R; r++) {
#pragma HLS UNROLL
      int at = x + r;
      int segment = 0;
      int start = line;
      for (int wrap = 0; wrap < wraps; wrap++) {
#pragma HLS UNROLL
        if (at >= out_width) {
          at -= out_width;
          segment++;
          start = wrapped(start + STRIDE * WIDTH % capacity);
        }
      }
      lanes.x[r] = at * STRIDE - PAD;
      lanes.y[r] = (y + segment) * STRIDE - PAD;
      lanes.line[r] = start;
      lanes.segment[r] = segment;
    }
  }

  /// The last pixel that the block reads; `real` of its windows exist.
  static int last_pixel(const window_lanes<R> &lanes, int real) {
#pragma HLS INLINE
    int last = 0;
    for (int r = 0; r < R; r++) {
#pragma HLS UNROLL
      const int bottom = least(HEIGHT - 1, lanes.y[r] + SIZE - 1);
      const int right = least(WIDTH - 1, lanes.x[r] + SIZE - 1);
      if (r < real) last = greatest(last, bottom * WIDTH + right);
    }
    return last;
  }
};

template <class SHAPE, int SEGMENTS, int PADDING, bool TAPS_INSIDE, class IN>
void slide_windows(hls::stream<word<IN, SHAPE::pixels * SHAPE::channels>> &in,
                   hls::stream<word<IN, SHAPE::lanes * SHAPE::channels>> &out) {
#pragma HLS INLINE off
  const int T = SHAPE::pixels;
  const int R = SHAPE::lanes;
  const int D = SHAPE::channels;
  const int SIZE = SHAPE::size;
  const int banks = SHAPE::banks;
  const int groups = SHAPE::groups;
  word<IN, D> ring[banks][SHAPE::rows * groups];
#pragma HLS ARRAY_PARTITION variable=ring type=complete dim=1
  storage_for<SHAPE::rows * groups>::bind(ring);

  int written = 0;  // whole pixels
  int write_place = 0;
  int write_group = 0;
  window_lanes<R> here;
  window_lanes<R> next;
#pragma HLS ARRAY_PARTITION variable=here.x type=complete dim=1
#pragma HLS ARRAY_PARTITION variable=here.y type=complete dim=1
#pragma HLS ARRAY_PARTITION variable=here.line type=complete dim=1
#pragma HLS ARRAY_PARTITION variable=here.segment type=complete dim=1
#pragma HLS ARRAY_PARTITION variable=next.x type=complete dim=1
#pragma HLS ARRAY_PARTITION variable=next.y type=complete dim=1
#pragma HLS ARRAY_PARTITION variable=next.line type=complete dim=1
#pragma HLS ARRAY_PARTITION variable=next.segment type=complete dim=1
  int x = 0;
  int y = 0;
  int line = (SHAPE::capacity - SHAPE::pad * SHAPE::width % SHAPE::capacity) % SHAPE::capacity;
  SHAPE::place(x, y, line, next);

  // The round before the first block only takes in what that block wants.
  for (int block = -1; block < SHAPE::blocks; block++) {
    here = next;
    int last = SHAPE::height * SHAPE::width - 1;
    if (block + 1 < SHAPE::blocks) {
      if (block >= 0) {
        x += R;
        for (int wrap = 0; wrap < SHAPE::wraps; wrap++) {
#pragma HLS UNROLL
          if (x >= SHAPE::out_width) {
            x -= SHAPE::out_width;
            y++;
            line = SHAPE::wrapped(line + SHAPE::stride * SHAPE::width % SHAPE::capacity);
          }
        }
        SHAPE::place(x, y, line, next);
      }
      last = SHAPE::last_pixel(next, SHAPE::windows - (block + 1) * R);
    }
    const int emits = block < 0 ? 0 : SHAPE::taps * groups * SEGMENTS;
    const int real = SHAPE::windows - block * R;
    int emitted = 0;
    int tap_x = 0;
    int tap_y = 0;
    int tap_line = 0;
    int group = 0;
    int segment = 0;
    word<IN, R * D> result;
    WEFT_LATENCY(window_depth);
    while (emitted < emits || written <= last) {
#pragma HLS PIPELINE II=1
#pragma HLS DEPENDENCE variable=ring type=inter dependent=false
      if (emitted < emits) {
        int place[R];
        bool inside[R];
        word<IN, D> read[banks];
#pragma HLS ARRAY_PARTITION variable=place type=complete dim=1
#pragma HLS ARRAY_PARTITION variable=inside type=complete dim=1
#pragma HLS ARRAY_PARTITION variable=read type=complete dim=1
        for (int r = 0; r < R; r++) {
#pragma HLS UNROLL
          const int column = here.x[r] + tap_x;
          const int row = here.y[r] + tap_y;
          inside[r] = r < real && here.segment[r] == segment && column >= 0 && column < SHAPE::width && row >= 0 &&
                      row < SHAPE::height;
          place[r] = inside[r] ? SHAPE::wrapped(SHAPE::wrapped(here.line[r] + tap_line) + column) : 0;
        }
        for (int b = 0; b < banks; b++) {
#pragma HLS UNROLL
          int address = 0;
          for (int r = 0; r < R; r++) {
#pragma HLS UNROLL
            if (inside[r] && SHAPE::bank_of(place[r]) == b) address = SHAPE::row_of(place[r]);
          }
          read[b] = ring[b][address * groups + group];
        }
        for (int r = 0; r < R; r++) {
#pragma HLS UNROLL
          for (int d = 0; d < D; d++) {
#pragma HLS UNROLL
            typedef typename element<IN>::value pixel_value;
            const pixel_value value = inside[r] ? (pixel_value)read[SHAPE::bank_of(place[r])][d] : pixel_value(PADDING);
            if (segment == 0 || here.segment[r] == segment) result[d * R + r] = value;
          }
        }
        if (segment == SEGMENTS - 1) out.write(result);
        const bool word_done = segment == SEGMENTS - 1;
        const bool group_turn = word_done && (!TAPS_INSIDE || (tap_x == SIZE - 1 && tap_y == SIZE - 1));
        const bool tap_turn = word_done && (TAPS_INSIDE || group == groups - 1);
        segment = word_done ? 0 : segment + 1;
        if (group_turn) group = group == groups - 1 ? 0 : group + 1;
        if (tap_turn) {
          if (tap_x == SIZE - 1) {
            tap_line = tap_y == SIZE - 1 ? 0 : SHAPE::wrapped(tap_line + SHAPE::width % SHAPE::capacity);
            tap_y = tap_y == SIZE - 1 ? 0 : tap_y + 1;
          }
          tap_x = tap_x == SIZE - 1 ? 0 : tap_x + 1;
        }
        emitted++;
      }
      if (written <= last) {
        const word<IN, T * D> pixels = in.read();
        for (int b = 0; b < banks; b++) {
#pragma HLS UNROLL
          for (int t = 0; t < T; t++) {
#pragma HLS UNROLL
            const int place = SHAPE::wrapped(write_place + t);
            if (SHAPE::bank_of(place) == b) {
              word<IN, D> pixel;
              for (int d = 0; d < D; d++) {
#pragma HLS UNROLL
                pixel[d] = pixels[d * T + t];
              }
              ring[b][SHAPE::row_of(place) * groups + write_group] = pixel;
            }
          }
        }
        if (write_group == groups - 1) {
          write_group = 0;
          write_place = SHAPE::wrapped(write_place + T);
          written += T;
        } else {
          write_group++;
        }
      }
      WEFT_TICK(1);
    }
    WEFT_TICK(window_overhead);
  }
}

}  // namespace weft

#endif
