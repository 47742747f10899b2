/* DEFLATE (RFC 1951). Libraries do not promise the same bytes on every machine; this does. It is made for flat
 * pictures, pixel by pixel: most pixels equal the one above or the one before. */

static u8 *out; /* The last allocation in memory, so that it can grow in place. */
static size written;
static u64 bits;       /* Bits that are not written yet, from the lowest on. */
static u32 bit_count;

/* Make space for more bytes of output. */
static void reserve(size bytes) {
    if ((size)out + written + bytes > heap_end)
        heap_end = (size)out + written + bytes + (256 << 10), ensure_memory(heap_end);
}

static void write_byte(u8 value) {
    reserve(16);
    out[written++] = value;
}

static void write_bits(u32 value, u32 count) {
    bits |= (u64)value << bit_count, bit_count += count;
    if (bit_count < 32) return;
    reserve(16);
    __builtin_memcpy(out + written, &(u32){(u32)bits}, 4);
    written += 4, bits >>= 32, bit_count -= 32;
}

/* A symbol is a literal, or a match of a length and a distance. Its lowest 9 bits are the literal, or the length
 * plus MATCH_BASE; the next 5 bits are the code of the distance; the others are the extra bits of the distance. */
#define MAX_SYMBOLS 16384
#define MATCH_BASE 253 /* The least length, 3, becomes 256, which is above all literals. */
#define NO_DISTANCE 30 /* The distance code of a literal, which has no bits. */
static u32 symbols[MAX_SYMBOLS];
static u32 symbol_count, literal_freq[288], distance_freq[32];

static u32 reversed(u32 code, u32 count) {
    u32 result = 0;
    while (count--) result = result << 1 | (code & 1), code >>= 1;
    return result;
}

/* Compute Huffman code lengths of at most `limit` bits for the symbols that occur. */
static void build_lengths(const u32 *freq, u32 count, u32 limit, u8 *length) {
    static u16 order[288], parent[576];
    static u32 weight[576];
    u32 used = 0;
    set_zero(length, count);
    for (u32 i = 0; i < count; i++)
        if (freq[i]) order[used++] = i;
    if (used == 0) return;
    if (used == 1) {
        length[order[0]] = 1;
        return;
    }
    for (u32 gap = used / 2; gap; gap /= 2) /* Shellsort by frequency, then by symbol. */
        for (u32 i = gap; i < used; i++) {
            u16 symbol = order[i];
            u32 k = i;
            for (; k >= gap; k -= gap) {
                u16 other = order[k - gap];
                if (freq[other] < freq[symbol] || (freq[other] == freq[symbol] && other < symbol)) break;
                order[k] = other;
            }
            order[k] = symbol;
        }
    for (u32 i = 0; i < used; i++) weight[i] = freq[order[i]];
    u32 leaf = 0, node = used, next = used;
    while (next < 2 * used - 1) { /* Join the two lightest of the leaves and nodes that have no parent. */
        u32 children[2];
        for (int k = 0; k < 2; k++)
            children[k] = leaf < used && (node >= next || weight[leaf] <= weight[node]) ? leaf++ : node++;
        weight[next] = weight[children[0]] + weight[children[1]];
        parent[children[0]] = parent[children[1]] = next++;
    }
    u32 length_count[33] = {0};
    static u8 depth[576];
    depth[next - 1] = 0;
    for (u32 i = next - 1; i--;) {
        depth[i] = depth[parent[i]] + 1;
        if (i < used) length_count[depth[i] < limit ? depth[i] : limit]++;
    }
    u32 total = 0;
    for (u32 i = 1; i <= limit; i++) total += length_count[i] << (limit - i);
    while (total > 1u << limit) { /* Some lengths were cut to the limit: lengthen others until the code is valid. */
        length_count[limit]--;
        for (u32 i = limit - 1;; i--)
            if (length_count[i]) {
                length_count[i]--, length_count[i + 1] += 2;
                break;
            }
        total--;
    }
    u32 i = 0;
    for (u32 code_length = limit; code_length; code_length--)
        for (u32 k = length_count[code_length]; k; k--) length[order[i++]] = code_length;
}

/* Compute the codes for code lengths (RFC 1951, 3.2.2), with their bits in the order of writing. */
static void build_codes(const u8 *length, u32 count, u16 *code) {
    u32 length_count[16] = {0}, next_code[16], value = 0;
    for (u32 i = 0; i < count; i++) length_count[length[i]]++;
    length_count[0] = 0;
    for (u32 i = 1; i < 16; i++) next_code[i] = value = (value + length_count[i - 1]) << 1;
    for (u32 i = 0; i < count; i++)
        if (length[i]) code[i] = reversed(next_code[length[i]]++, length[i]);
}

static u8 length_code[259], length_extra_bits[29], distance_extra_bits[30];
static u16 length_base[29], distance_base[30];

/* Compute the tables of lengths and distances (RFC 1951, 3.2.5). */
static void build_tables(void) {
    u32 base = 3;
    for (u32 i = 0; i < 28; i++) {
        length_extra_bits[i] = i < 8 ? 0 : (i - 4) / 4, length_base[i] = base;
        for (u32 k = 0; k < 1u << length_extra_bits[i] && base < 259; k++) length_code[base++] = i;
    }
    length_extra_bits[28] = 0, length_base[28] = 258, length_code[258] = 28;
    base = 1;
    for (u32 i = 0; i < 30; i++)
        distance_extra_bits[i] = i < 4 ? 0 : (i - 2) / 2, distance_base[i] = base, base += 1 << distance_extra_bits[i];
}

static u32 distance_code(u32 distance) {
    u32 top_bit = 31 - __builtin_clz(distance - 1 ? distance - 1 : 1);
    return distance <= 4 ? distance - 1 : 2 * top_bit + ((distance - 1) >> (top_bit - 1) & 1);
}

/* Write the symbols of a block. Literals and matches go through the same code, because a branch between them would
 * be unpredictable. All bits of one symbol fit into `pending`, from which whole bytes are written after each. */
static void write_symbols(
    const u16 *literal_code, const u8 *literal_length, const u16 *code_of_distance, const u8 *distance_length
) {
    static u32 code[512], d_code[32];
    static u8 length[512], d_length[32], d_total_length[32];
    for (u32 i = 0; i < 256; i++) code[i] = literal_code[i], length[i] = literal_length[i];
    for (u32 i = 3; i < 259; i++) {
        u32 l = length_code[i], symbol = 257 + l;
        code[MATCH_BASE + i] = literal_code[symbol] | (i - length_base[l]) << literal_length[symbol];
        length[MATCH_BASE + i] = literal_length[symbol] + length_extra_bits[l];
    }
    for (u32 i = 0; i < NO_DISTANCE; i++)
        d_code[i] = code_of_distance[i], d_length[i] = distance_length[i],
        d_total_length[i] = distance_length[i] + distance_extra_bits[i];
    while (bit_count >= 8) write_byte(bits), bits >>= 8, bit_count -= 8;
    reserve(symbol_count * 6 + 16); /* A symbol has at most 15, 5, 15 and 13 bits. */
    u8 *next = out + written;
    u64 pending = bits;
    u32 count = bit_count;
    for (u32 i = 0; i < symbol_count; i++) {
        u32 symbol = symbols[i] & 511, d = symbols[i] >> 9 & 31, extra = symbols[i] >> 14;
        pending |= (u64)code[symbol] << count, count += length[symbol];
        pending |= (u64)(d_code[d] | extra << d_length[d]) << count, count += d_total_length[d];
        __builtin_memcpy(next, &pending, 8);
        next += count >> 3, pending >>= count & ~7u, count &= 7;
    }
    written = next - out, bits = pending, bit_count = count;
}

/* Write a block with dynamic Huffman codes (RFC 1951, 3.2.7). */
static void write_block(int last) {
    static u8 literal_length[288], distance_length[32], run_length[19], lengths[320];
    static u16 literal_code[288], code_of_distance[32], run_code[19];
    static const u8 ORDER[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    literal_freq[256]++;
    build_lengths(literal_freq, 286, 15, literal_length), build_lengths(distance_freq, 30, 15, distance_length);
    build_codes(literal_length, 286, literal_code), build_codes(distance_length, 30, code_of_distance);
    u32 literals = 286, distances = 30, freq[19] = {0}, runs = 19, count = 0;
    while (literals > 257 && !literal_length[literals - 1]) literals--;
    while (distances > 1 && !distance_length[distances - 1]) distances--;
    for (u32 i = 0; i < literals; i++) lengths[count++] = literal_length[i];
    for (u32 i = 0; i < distances; i++) lengths[count++] = distance_length[i];
    for (u32 i = 0; i < count; i++) freq[lengths[i]]++;
    build_lengths(freq, 19, 7, run_length), build_codes(run_length, 19, run_code);
    while (runs > 4 && !run_length[ORDER[runs - 1]]) runs--;
    write_bits(last, 1), write_bits(2, 2);
    write_bits(literals - 257, 5), write_bits(distances - 1, 5), write_bits(runs - 4, 4);
    for (u32 i = 0; i < runs; i++) write_bits(run_length[ORDER[i]], 3);
    for (u32 i = 0; i < count; i++) write_bits(run_code[lengths[i]], run_length[lengths[i]]);
    write_symbols(literal_code, literal_length, code_of_distance, distance_length);
    write_bits(literal_code[256], literal_length[256]);
    symbol_count = 0, set_zero(literal_freq, sizeof literal_freq), set_zero(distance_freq, sizeof distance_freq);
}

/* The input is kept in a sliding window. Positions are counted from the beginning of the whole input. */

#define MAX_DISTANCE 32768
static u8 *window;
static size window_size, window_start, input_end, encoded; /* Input before `encoded` is in the symbols already. */
static u32 head[32768], link[MAX_DISTANCE];

/* Hash the three bytes of a pixel: a match of a single pixel is worthwhile if it is near. */
static u32 hash(const u8 *pixel) {
    u32 word;
    __builtin_memcpy(&word, pixel, 4);
    return (word & 0xffffff) * 2654435761u >> 17;
}

/* Insert a position into the hash table, and return the previous position with the same hash. */
static u32 insert_position(size position) {
    u32 *slot = &head[hash(window + position - window_start)], before = *slot;
    link[position % MAX_DISTANCE] = before, *slot = position;
    return before;
}

/* Return how many bytes at a and b are equal, at most `limit`. */
static u32 match_length(const u8 *a, const u8 *b, u32 limit) {
    for (u32 length = 0; length < limit; length += 16) {
        u32 mask = wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(a + length), wasm_v128_load(b + length)));
        if (mask != 0xffff) {
            length += __builtin_ctz(~mask);
            return length < limit ? length : limit;
        }
    }
    return limit;
}

static u32 pixel_bytes;             /* Matches begin and end at pixel boundaries. */
static size row_bytes, row_start;   /* The size of a row, and the start of the row of `encoded`: its filter byte. */

#define MIN_MATCH 3
#define GOOD_MATCH 32 /* No search is made for a longer one. */

/* Find the longest match at `encoded`: with the row above, with the pixel before, and if these are short, with
 * positions in the hash table. */
static u32 longest_match(u32 *distance) {
    u32 best = 0, limit = input_end - encoded < 258 ? input_end - encoded : 258;
    const u8 *b = window + encoded - window_start;
    if (encoded > row_bytes && row_bytes < MAX_DISTANCE)
        best = match_length(b - row_bytes, b, limit), *distance = row_bytes;
    if (best < GOOD_MATCH && encoded > pixel_bytes) {
        u32 length = match_length(b - pixel_bytes, b, limit);
        if (length > best) best = length, *distance = pixel_bytes;
    }
    if (best >= GOOD_MATCH || encoded + 4 >= input_end) return best;
    u32 before = insert_position(encoded);
    for (int tries = 3; tries && before != 0xffffffffu && encoded - before < MAX_DISTANCE; tries--) {
        const u8 *a = window + before - window_start;
        if (a[best] == b[best]) {
            u32 length = match_length(a, b, limit);
            if (length > best) best = length, *distance = encoded - before;
            if (best == limit) break;
        }
        u32 next = link[before % MAX_DISTANCE];
        if (next >= before) break; /* The entry was overwritten by a later position. */
        before = next;
    }
    return best;
}

/* Shorten a match at `encoded`, which is at a pixel boundary, so that it ends at the boundary of a pixel or row. */
static u32 whole_pixels(u32 length) {
    size match_end = encoded + length, row = row_start;
    while (match_end >= row + row_bytes) row += row_bytes;
    return match_end == row ? length : length - (u32)(match_end - row - 1) % pixel_bytes;
}

static void add_literal(u8 value) { symbols[symbol_count++] = value | NO_DISTANCE << 9, literal_freq[value]++; }

static void add_match(u32 length, u32 distance) {
    u32 d = distance_code(distance);
    symbols[symbol_count++] = (MATCH_BASE + length) | d << 9 | (distance - distance_base[d]) << 14;
    literal_freq[257 + length_code[length]]++, distance_freq[d]++;
}

static void begin_deflate(u32 bytes_per_row, u32 bytes_per_pixel) {
    window_size = 2 * MAX_DISTANCE + (256 << 10) + 2 * (size)bytes_per_row;
    window = alloc(window_size + 32);
    out = alloc(65536), written = 0;
    __builtin_memset(head, 0xff, sizeof head);
    build_tables();
    pixel_bytes = bytes_per_pixel, row_bytes = bytes_per_row, row_start = 0;
    bits = 0, bit_count = symbol_count = 0, window_start = input_end = encoded = 0;
}

/* Return where to put the next `bytes` of input. */
static u8 *input_buffer(u32 bytes) {
    if (input_end + bytes - window_start > window_size) {
        size keep = encoded > MAX_DISTANCE ? encoded - MAX_DISTANCE : 0;
        __builtin_memmove(window, window + keep - window_start, input_end - keep);
        window_start = keep;
    }
    return window + input_end - window_start;
}

/* Encode the input before `until` as literals and matches. */
static void encode(size until) {
    while (encoded < until) {
        if (encoded == row_start + row_bytes) row_start = encoded;
        if (symbol_count > MAX_SYMBOLS - 8) write_block(0);
        if (encoded == row_start) {
            add_literal(window[encoded++ - window_start]);
            continue;
        }
        u32 distance = 0, length = longest_match(&distance);
        if (length >= MIN_MATCH) length = whole_pixels(length);
        if (length >= MIN_MATCH) {
            add_match(length, distance);
            encoded += length;
            while (encoded > row_start + row_bytes) row_start += row_bytes;
        } else
            for (u32 k = 0; k < pixel_bytes && encoded < input_end; k++)
                add_literal(window[encoded++ - window_start]);
    }
}

/* Compress a row in the input buffer. */
static void deflate_row(void) {
    input_end += row_bytes;
    if (input_end > 300) encode(input_end - 300); /* A match, of at most 258 bytes, may continue in the next row. */
}

/* Compress a row in the input buffer that has only zeros after its filter byte. */
static void deflate_zero_row(void) {
    encode(input_end);
    if (symbol_count > MAX_SYMBOLS - row_bytes / 258 - 8) write_block(0);
    add_literal(window[input_end - window_start]), add_literal(0);
    for (u32 rest = row_bytes - 2, length; rest; rest -= length) {
        length = rest > 260 || rest == 258 ? 258 : rest > 258 ? rest - 3 : rest; /* Leave at least 3 for the last. */
        if (length < 3) add_literal(0), length = 1;
        else add_match(length, 1);
    }
    row_start = encoded = input_end += row_bytes;
}

static void end_deflate(void) {
    encode(input_end);
    write_block(1);
    while (bit_count) write_byte(bits), bits >>= 8, bit_count = bit_count > 8 ? bit_count - 8 : 0;
}
