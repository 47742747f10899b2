/* DEFLATE (RFC 1951): the same bytes everywhere, which no library promises. For flat pictures: few tries
 * for a match, long runs taken whole. */

static u8 *out; /* The last of what is allocated: it grows where it is. */
static size written;
static u64 bits;
static u32 held;

static void byte_out(u8 value) {
    if ((size)(out + written + 16) > top) top = (size)out + written * 2 + 65536, hold(top);
    out[written++] = value;
}

static void bits_out(u32 value, u32 many) {
    bits |= (u64)value << held, held += many;
    if (held < 32) return;
    if ((size)(out + written + 16) > top) top = (size)out + written * 2 + 65536, hold(top);
    __builtin_memcpy(out + written, &(u32){(u32)bits}, 4);
    written += 4, bits >>= 32, held -= 32;
}

#define MOST_SYMBOLS 16384
static u16 symbol[MOST_SYMBOLS], distance[MOST_SYMBOLS];
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
    for (u32 at = 0; at < symbols; at++) {
        if (!distance[at]) {
            bits_out(literal_code[symbol[at]], literal_length[symbol[at]]);
            continue;
        }
        u32 l = length_code[symbol[at]], d = distance_code(distance[at]);
        bits_out(literal_code[257 + l], literal_length[257 + l]), bits_out(symbol[at] - length_base[l], length_bits[l]);
        bits_out(code_of_distance[d], distance_length[d]), bits_out(distance[at] - distance_base[d], distance_bits[d]);
    }
    bits_out(literal_code[256], literal_length[256]);
    symbols = 0, clear(of_literal, sizeof of_literal), clear(of_distance, sizeof of_distance);
}

/* What comes is kept in a window that slides along; places are counted from the beginning of all. */

#define BACK 32768
static u8 *window;
static size window_size, start, end, done; /* The window's place; where what came ends; what is told. */
static u32 head[32768], link[BACK];

static u32 hash(const u8 *at) {
    u32 word;
    __builtin_memcpy(&word, at, 4);
    return word * 2654435761u >> 17;
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

/* The longest match of what begins at `at`, which is noted for later ones. */
static u32 longest(size at, u32 *far) {
    u32 best = 0, most_ = end - at < 258 ? end - at : 258;
    u32 before = noted(at);
    const u8 *b = window + at - start;
    for (int tries = 6; tries && before != 0xffffffffu && at - before < BACK; tries--) {
        const u8 *a = window + before - start;
        if (a[best] == b[best]) {
            u32 same = alike(a, b, most_);
            if (same > best) best = same, *far = at - before;
            if (best == most_) break;
        }
        u32 older = link[before % BACK];
        if (older >= before) break;
        before = older;
    }
    return best;
}

static void literal(u8 value) { symbol[symbols] = value, distance[symbols++] = 0, of_literal[value]++; }

static void begin_deflate(u32 row) {
    window_size = 2 * BACK + (256 << 10) + 2 * (size)row;
    window = alloc(window_size + 32);
    out = alloc(65536), written = 0;
    __builtin_memset(head, 0xff, sizeof head);
    tables();
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

/* Compress what came, `bytes` more than before; all of it, if it is the last. */
static void deflate(u32 bytes, int last) {
    end += bytes;
    size until = last ? end : end > 600 ? end - 600 : 0; /* A match looks ahead, twice. */
    while (done < until) {
        u32 best = 0, far = 0, skip = 0;
        if (done + 4 < end) best = longest(done, &far);
        if (best >= 4 && best < 32 && done + 5 < end) { /* A longer one may begin at the next byte. */
            u32 later_far = 0, later = longest(done + 1, &later_far);
            if (later > best) {
                literal(window[done++ - start]);
                best = later, far = later_far;
                if (symbols == MOST_SYMBOLS) block(0);
            } else skip = 1;
        }
        if (best >= 4) {
            symbol[symbols] = best, distance[symbols++] = far;
            of_literal[257 + length_code[best]]++, of_distance[distance_code(far)]++;
            for (u32 k = 1 + skip; k < best && best < 128 && done + k + 4 < end; k++) noted(done + k);
            done += best;
        } else literal(window[done++ - start]);
        if (symbols == MOST_SYMBOLS) block(0);
    }
    if (!last) return;
    block(1);
    while (held) byte_out(bits), bits >>= 8, held = held > 8 ? held - 8 : 0;
}
