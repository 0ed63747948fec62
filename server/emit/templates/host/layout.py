"""How rows and trained values lie in the card's memory: layout.h in Python, for hosts and tools that have no C++.

Everything is little endian. Rows are lists of lists of integers, weights a list of rows [length of the dot product][columns].
"""
import struct


def blocks(count, size):
    return -(-count // size)


class Words:
    """A tensor in words of `tokens` rows times `columns` columns; in a word the row runs fastest (struct words in layout.h).

    Elements are integers of `element_bits` bits; of fp16 and bf16, their codes.
    """

    def __init__(self, tokens, columns, element_bits, port_bytes):
        self.tokens, self.columns, self.element_bits, self.port_bytes = tokens, columns, element_bits, port_bytes
        self.word = tokens * columns
        self.beat = port_bytes * 8 // element_bits
        self.words_in_beat = max(1, self.beat // self.word)
        self.beats_of_word = blocks(self.word, self.beat)

    def at(self, row, column, tensor_columns):
        """Bit at which an element begins."""
        word = row // self.tokens * blocks(tensor_columns, self.columns) + column // self.columns
        index = column % self.columns * self.tokens + row % self.tokens
        beat = word // self.words_in_beat * self.beats_of_word
        return beat * self.port_bytes * 8 + (word % self.words_in_beat * self.word + index) * self.element_bits

    def bytes(self, rows, tensor_columns):
        count = blocks(rows, self.tokens) * blocks(tensor_columns, self.columns)
        return blocks(count, self.words_in_beat) * self.beats_of_word * self.port_bytes

    def pack(self, rows):
        """Rows of integers to an image."""
        image = bytearray(self.bytes(len(rows), len(rows[0])))
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                bit = self.at(i, j, len(row))
                code = (value & ((1 << self.element_bits) - 1)) << bit % 8
                for part in range(blocks(self.element_bits, 8)):
                    image[bit // 8 + part] |= code >> (8 * part) & 0xFF
        return bytes(image)

    def unpack(self, image, rows, tensor_columns):
        half = 1 << (self.element_bits - 1)

        def value(i, j):
            bit = self.at(i, j, tensor_columns)
            code = int.from_bytes(image[bit // 8 : bit // 8 + blocks(self.element_bits, 8)], "little") >> bit % 8 & (2 * half - 1)
            return code - 2 * half if code >= half else code

        return [[value(i, j) for j in range(tensor_columns)] for i in range(rows)]


class Weights:
    """Weights of a matrix product with their multipliers and biases (struct weights in layout.h)."""

    def __init__(self, tile_columns, dot, bits, port_bytes):
        self.tile_columns, self.dot, self.bits, self.port_bytes = tile_columns, dot, bits, port_bytes
        self.word_bytes = blocks(tile_columns * dot * bits, 8)
        self.words_in_beat = max(1, port_bytes // self.word_bytes)
        self.beats_of_word = blocks(self.word_bytes, port_bytes)

    def head_beats(self, columns):
        return blocks(blocks(columns, self.tile_columns) * self.tile_columns * 8, self.port_bytes)

    def bytes(self, rows, columns):
        words = blocks(columns, self.tile_columns) * blocks(rows, self.dot)
        body = blocks(words, self.words_in_beat) * self.beats_of_word
        return (self.head_beats(columns) + body) * self.port_bytes

    def place(self, k, n, rows, columns):
        """Byte and bit of the weight at row k and column n."""
        word = n // self.tile_columns * blocks(rows, self.dot) + k // self.dot
        beat = self.head_beats(columns) + word // self.words_in_beat * self.beats_of_word
        bit = (k % self.dot * self.tile_columns + n % self.tile_columns) * self.bits
        return beat * self.port_bytes + word % self.words_in_beat * self.word_bytes + bit // 8, bit % 8

    def pack(self, weights, multipliers, biases):
        """Integer weights with a multiplier and a bias a column to an image."""
        rows, columns = len(weights), len(weights[0])
        image = bytearray(self.bytes(rows, columns))
        for n in range(columns):
            struct.pack_into("<ff", image, 8 * n, multipliers[n], biases[n])
        for k in range(rows):
            for n in range(columns):
                byte, bit = self.place(k, n, rows, columns)
                value = (weights[k][n] & ((1 << self.bits) - 1)) << bit
                for part in range(max(1, self.bits // 8)):
                    image[byte + part] |= value >> (8 * part) & 0xFF
        return bytes(image)

    def unpack(self, image, rows, columns):
        """Weights, and a pair of numbers a column: multiplier and bias, or in a file of weights/ step and bias."""
        half = 1 << (self.bits - 1)

        def value(k, n):
            byte, bit = self.place(k, n, rows, columns)
            raw = int.from_bytes(image[byte : byte + max(1, self.bits // 8)], "little") >> bit & (2 * half - 1)
            return raw - 2 * half if raw >= half else raw

        heads = [struct.unpack_from("<ff", image, 8 * n) for n in range(columns)]
        return [[value(k, n) for n in range(columns)] for k in range(rows)], heads


class Turns:
    """Matrices, pairs of rows and columns, that one array takes in turn, behind one port (struct turns in layout.h)."""

    def __init__(self, weights, matrices):
        self.heads = [weights.head_beats(columns) * weights.port_bytes for _, columns in matrices]
        self.bytes = [weights.bytes(rows, columns) for rows, columns in matrices]

    def together(self, parts):
        """Images of one matrix each to one image: their heads, behind all of these the bodies."""
        heads = [part[:head] for part, head in zip(parts, self.heads)]
        return b"".join(heads + [part[head:] for part, head in zip(parts, self.heads)])

    def part(self, image, which):
        """The image of one of them."""
        head = sum(self.heads[:which])
        body = sum(self.heads) + sum(self.bytes[:which]) - head
        return image[head : head + self.heads[which]] + image[body : body + self.bytes[which] - self.heads[which]]
