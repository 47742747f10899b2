/* DEFLATE (RFC 1951): the same bytes everywhere, which no library promises. For flat pictures, pixel by pixel:
 * most are as the one above or before them. */

static u8 *out; /* The last of what is allocated: it grows where it is. */
static size written;
static u64 bits;
static u32 held;

/* Have room for so many bytes more. What comes out stands last in memory, which grows there. */
static void ready(size bytes) {
    if ((size)out + written + bytes > top) top = (size)out + written + bytes + (256 << 10), hold(top);
}

static void byte_out(u8 value) {
    ready(16);
    out[written++] = value;
}

static void bits_out(u32 value, u32 many) {
    bits |= (u64)value << held, held += many;
    if (held < 32) return;
    ready(16);
    __builtin_memcpy(out + written, &(u32){(u32)bits}, 4);
    written += 4, bits >>= 32, held -= 32;
}

#define MOST_SYMBOLS 16384
#define MATCH 253  /* What a match's length is told with: 3 becomes 256, beyond all literals. */
#define NO_MATCH 30 /* The code of no distance, of no bits. */
static u32 symbol[MOST_SYMBOLS]; /* A literal or a length, a distance's code, and what that lacks, from the lowest bit on. */
static u32 symbols, of_literal[288], of_distance[32];

static u32 reversed(u32 code, u32 many) {
    u32 made = 0;
    while (many--) made = made << 1 | (code & 1), code >>= 1;
    return made;
}

/* Code lengths of at most `limit` bits for the symbols that occur. */
static void lengths_of(const u32 *often, u32 many, u32 limit, u8 *length) {
    static u16 order[288], parent[576];
    static u32 weight[576];
    u32 used = 0;
    clear(length, many);
    for (u32 at = 0; at < many; at++)
        if (often[at]) order[used++] = at;
    if (used == 0) return;
    if (used == 1) {
        length[order[0]] = 1;
        return;
    }
    for (u32 gap = used / 2; gap; gap /= 2) /* Shellsort, by weight, then by symbol. */
        for (u32 at = gap; at < used; at++) {
            u16 one = order[at];
            u32 k = at;
            for (; k >= gap; k -= gap) {
                u16 other = order[k - gap];
                if (often[other] < often[one] || (often[other] == often[one] && other < one)) break;
                order[k] = other;
            }
            order[k] = one;
        }
    for (u32 at = 0; at < used; at++) weight[at] = often[order[at]];
    u32 leaf = 0, node = used, next = used;
    while (next < 2 * used - 1) {
        u32 two[2];
        for (int k = 0; k < 2; k++)
            two[k] = leaf < used && (node >= next || weight[leaf] <= weight[node]) ? leaf++ : node++;
        weight[next] = weight[two[0]] + weight[two[1]];
        parent[two[0]] = parent[two[1]] = next++;
    }
    u32 by_length[33] = {0};
    static u8 depth[576];
    depth[next - 1] = 0;
    for (u32 at = next - 1; at--;) {
        depth[at] = depth[parent[at]] + 1;
        if (at < used) by_length[depth[at] < limit ? depth[at] : limit]++;
    }
    u32 total = 0;
    for (u32 at = 1; at <= limit; at++) total += by_length[at] << (limit - at);
    while (total > 1u << limit) { /* Too deep ones were cut: lengthen others until it is a code again. */
        by_length[limit]--;
        for (u32 at = limit - 1;; at--)
            if (by_length[at]) {
                by_length[at]--, by_length[at + 1] += 2;
                break;
            }
        total--;
    }
    u32 at = 0;
    for (u32 many_bits = limit; many_bits; many_bits--)
        for (u32 k = by_length[many_bits]; k; k--) length[order[at++]] = many_bits;
}

static void codes_of(const u8 *length, u32 many, u16 *code) {
    u32 by_length[16] = {0}, next[16], made = 0;
    for (u32 at = 0; at < many; at++) by_length[length[at]]++;
    by_length[0] = 0;
    for (u32 at = 1; at < 16; at++) next[at] = made = (made + by_length[at - 1]) << 1;
    for (u32 at = 0; at < many; at++)
        if (length[at]) code[at] = reversed(next[length[at]]++, length[at]);
}

static u8 length_code[259], length_bits[29], distance_bits[30];
static u16 length_base[29], distance_base[30];

static void tables(void) {
    u32 base = 3;
    for (u32 at = 0; at < 28; at++) {
        length_bits[at] = at < 8 ? 0 : (at - 4) / 4, length_base[at] = base;
        for (u32 k = 0; k < 1u << length_bits[at] && base < 259; k++) length_code[base++] = at;
    }
    length_bits[28] = 0, length_base[28] = 258, length_code[258] = 28;
    base = 1;
    for (u32 at = 0; at < 30; at++)
        distance_bits[at] = at < 4 ? 0 : (at - 2) / 2, distance_base[at] = base, base += 1 << distance_bits[at];
}

static u32 distance_code(u32 far) {
    u32 far_bits = 31 - __builtin_clz(far - 1 ? far - 1 : 1);
    return far <= 4 ? far - 1 : 2 * far_bits + ((far - 1) >> (far_bits - 1) & 1);
}

/* The symbols of a block, literals and matches alike: which comes next cannot be guessed. All bits of one fit
 * between two writings of what is whole. */
static void symbols_out(const u16 *literal_code, const u8 *literal_length, const u16 *far_code, const u8 *far_length) {
    static u32 code_of[512], far_code_of[32];
    static u8 length_of[512], far_length_of[32], far_whole[32];
    for (u32 at = 0; at < 256; at++) code_of[at] = literal_code[at], length_of[at] = literal_length[at];
    for (u32 at = 3; at < 259; at++) {
        u32 l = length_code[at], code = 257 + l;
        code_of[MATCH + at] = literal_code[code] | (at - length_base[l]) << literal_length[code];
        length_of[MATCH + at] = literal_length[code] + length_bits[l];
    }
    for (u32 at = 0; at < NO_MATCH; at++)
        far_code_of[at] = far_code[at], far_length_of[at] = far_length[at], far_whole[at] = far_length[at] + distance_bits[at];
    while (held >= 8) byte_out(bits), bits >>= 8, held -= 8;
    ready(symbols * 6 + 16); /* 15, 5, 15 and 13 bits at most. */
    u8 *next = out + written;
    u64 pending = bits;
    u32 many = held;
    for (u32 at = 0; at < symbols; at++) {
        u32 one = symbol[at] & 511, d = symbol[at] >> 9 & 31, rest = symbol[at] >> 14;
        pending |= (u64)code_of[one] << many, many += length_of[one];
        pending |= (u64)(far_code_of[d] | rest << far_length_of[d]) << many, many += far_whole[d];
        __builtin_memcpy(next, &pending, 8);
        next += many >> 3, pending >>= many & ~7u, many &= 7;
    }
    written = next - out, bits = pending, held = many;
}

static void block(int last) {
    static u8 literal_length[288], distance_length[32], run_length[19], lengths[320];
    static u16 literal_code[288], code_of_distance[32], run_code[19];
    static const u8 ORDER[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    of_literal[256]++;
    lengths_of(of_literal, 286, 15, literal_length), lengths_of(of_distance, 30, 15, distance_length);
    codes_of(literal_length, 286, literal_code), codes_of(distance_length, 30, code_of_distance);
    u32 literals = 286, distances = 30, often[19] = {0}, runs = 19, many = 0;
    while (literals > 257 && !literal_length[literals - 1]) literals--;
    while (distances > 1 && !distance_length[distances - 1]) distances--;
    for (u32 at = 0; at < literals; at++) lengths[many++] = literal_length[at];
    for (u32 at = 0; at < distances; at++) lengths[many++] = distance_length[at];
    for (u32 at = 0; at < many; at++) often[lengths[at]]++;
    lengths_of(often, 19, 7, run_length), codes_of(run_length, 19, run_code);
    while (runs > 4 && !run_length[ORDER[runs - 1]]) runs--;
    bits_out(last, 1), bits_out(2, 2), bits_out(literals - 257, 5), bits_out(distances - 1, 5), bits_out(runs - 4, 4);
    for (u32 at = 0; at < runs; at++) bits_out(run_length[ORDER[at]], 3);
    for (u32 at = 0; at < many; at++) bits_out(run_code[lengths[at]], run_length[lengths[at]]);
    symbols_out(literal_code, literal_length, code_of_distance, distance_length);
    bits_out(literal_code[256], literal_length[256]);
    symbols = 0, clear(of_literal, sizeof of_literal), clear(of_distance, sizeof of_distance);
}

/* What comes is kept in a window that slides along; places are counted from the beginning of all. */

#define BACK 32768
static u8 *window;
static size window_size, start, end, done; /* The window's place; where what came ends; what is told. */
static u32 head[32768], link[BACK];

/* By the three bytes of a pixel: even one of them is worth a match, if it is near. */
static u32 hash(const u8 *at) {
    u32 word;
    __builtin_memcpy(&word, at, 4);
    return (word & 0xffffff) * 2654435761u >> 17;
}

/* Note the place for later, and answer the one before it that looked alike. */
static u32 noted(size at) {
    u32 *slot = &head[hash(window + at - start)], before = *slot;
    link[at % BACK] = before, *slot = at;
    return before;
}

static u32 alike(const u8 *a, const u8 *b, u32 most_) {
    for (u32 same = 0; same < most_; same += 16) {
        u32 mask = wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(a + same), wasm_v128_load(b + same)));
        if (mask != 0xffff) {
            same += __builtin_ctz(~mask);
            return same < most_ ? same : most_;
        }
    }
    return most_;
}

static u32 step;                    /* Bytes of a pixel: matches begin and end with one. */
static size row_bytes, row_start;   /* The row in which `done` is: where its filter's byte stands. */

#define LEAST 3
#define ENOUGH 32

/* The longest match of what begins at `done`: with the row above, with the pixel before, and only if those are
 * short with what was noted. */
static u32 longest(u32 *far) {
    u32 best = 0, most_ = end - done < 258 ? end - done : 258;
    const u8 *b = window + done - start;
    if (done > row_bytes && row_bytes < BACK) best = alike(b - row_bytes, b, most_), *far = row_bytes;
    if (best < ENOUGH && done > step) {
        u32 same = alike(b - step, b, most_);
        if (same > best) best = same, *far = step;
    }
    if (best >= ENOUGH || done + 4 >= end) return best;
    u32 before = noted(done);
    for (int tries = 3; tries && before != 0xffffffffu && done - before < BACK; tries--) {
        const u8 *a = window + before - start;
        if (a[best] == b[best]) {
            u32 same = alike(a, b, most_);
            if (same > best) best = same, *far = done - before;
            if (best == most_) break;
        }
        u32 older = link[before % BACK];
        if (older >= before) break;
        before = older;
    }
    return best;
}

/* How much of so many bytes from `done`, where a pixel begins, ends with a pixel or with a row. */
static u32 whole_pixels(u32 bytes) {
    size at = done + bytes, row = row_start;
    while (at >= row + row_bytes) row += row_bytes;
    return at == row ? bytes : bytes - (u32)(at - row - 1) % step;
}

static void literal(u8 value) { symbol[symbols++] = value | NO_MATCH << 9, of_literal[value]++; }

static void match(u32 bytes, u32 far) {
    u32 d = distance_code(far);
    symbol[symbols++] = (MATCH + bytes) | d << 9 | (far - distance_base[d]) << 14;
    of_literal[257 + length_code[bytes]]++, of_distance[d]++;
}

static void begin_deflate(u32 row, u32 pixel_bytes) {
    window_size = 2 * BACK + (256 << 10) + 2 * (size)row;
    window = alloc(window_size + 32);
    out = alloc(65536), written = 0;
    __builtin_memset(head, 0xff, sizeof head);
    tables();
    step = pixel_bytes, row_bytes = row, row_start = 0;
    bits = 0, held = symbols = 0, start = end = done = 0;
}

/* Where the next `bytes` are to be written. */
static u8 *room_for(u32 bytes) {
    if (end + bytes - start > window_size) {
        size keep = done > BACK ? done - BACK : 0;
        __builtin_memmove(window, window + keep - start, end - keep);
        start = keep;
    }
    return window + end - start;
}

/* Say what stands before `until` by literals and matches. */
static void tokens(size until) {
    while (done < until) {
        if (done == row_start + row_bytes) row_start = done;
        if (symbols > MOST_SYMBOLS - 8) block(0);
        if (done == row_start) {
            literal(window[done++ - start]);
            continue;
        }
        u32 far = 0, best = longest(&far);
        if (best >= LEAST) best = whole_pixels(best);
        if (best >= LEAST) {
            match(best, far);
            done += best;
            while (done > row_start + row_bytes) row_start += row_bytes;
        } else
            for (u32 k = 0; k < step && done < end; k++) literal(window[done++ - start]);
    }
}

/* Compress a row that came. */
static void deflate(void) {
    end += row_bytes;
    if (end > 300) tokens(end - 300); /* A match looks ahead. */
}

/* Compress a row that came and has nothing but zeros behind its filter's byte. */
static void deflate_zeros(void) {
    tokens(end);
    if (symbols > MOST_SYMBOLS - row_bytes / 258 - 8) block(0);
    literal(window[end - start]), literal(0);
    for (u32 left = row_bytes - 2, many; left; left -= many) {
        many = left > 260 || left == 258 ? 258 : left > 258 ? left - 3 : left; /* No less than 3 for the last. */
        if (many < 3) literal(0), many = 1;
        else match(many, 1);
    }
    row_start = done = end += row_bytes;
}

static void end_deflate(void) {
    tokens(end);
    block(1);
    while (held) byte_out(bits), bits >>= 8, held = held > 8 ? held - 8 : 0;
}
