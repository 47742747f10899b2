/* DEFLATE (RFC 1951): the same bytes everywhere, which no library promises. For flat pictures: few tries
 * for a match, long runs taken whole. */

static u8 *out;
static size written;
static u32 bits, held;

static void bits_out(u32 value, u32 many) {
    bits |= value << held, held += many;
    while (held >= 8) out[written++] = bits, bits >>= 8, held -= 8;
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

static u32 hash(const u8 *at) {
    u32 word = at[0] | at[1] << 8 | at[2] << 16 | (u32)at[3] << 24;
    return word * 2654435761u >> 17;
}

static u32 head[32768], link[32768];

static void insert(const u8 *data, size at) {
    u32 slot = hash(data + at);
    link[at & 32767] = head[slot], head[slot] = at;
}

/* The longest match of what begins at `at`, which is noted for later ones. */
static u32 longest(const u8 *data, size at, size bytes, u32 *far) {
    u32 best = 0, before = head[hash(data + at)], most_here = bytes - at < 258 ? bytes - at : 258;
    for (int tries = 6; tries && before != 0xffffffffu && at - before <= 32767; tries--) {
        const u8 *a = data + before, *b = data + at;
        u32 same = 0;
        if (a[best] == b[best]) while (same < most_here && a[same] == b[same]) same++;
        if (same > best) best = same, *far = at - before;
        if (best == most_here) break;
        u32 older = link[before & 32767];
        if (older >= before) break;
        before = older;
    }
    insert(data, at);
    return best;
}

static void literal(u8 value) { symbol[symbols] = value, distance[symbols++] = 0, of_literal[value]++; }

static void compress(const u8 *data, size bytes) {
    __builtin_memset(head, 0xff, sizeof head);
    tables();
    bits = held = symbols = 0;
    u32 skip = 0;
    u32 best = 0, far = 0;
    for (size at = 0; at < bytes;) {
        if (!best && at + 4 < bytes) best = longest(data, at, bytes, &far);
        if (best >= 4 && best < 32 && at + 5 < bytes) { /* A longer one may begin at the next byte. */
            u32 later_far = 0, later = longest(data, at + 1, bytes, &later_far);
            if (later > best) {
                literal(data[at++]);
                best = later, far = later_far;
                if (symbols == MOST_SYMBOLS) block(0);
            } else skip = 1;
        }
        if (best >= 4) {
            symbol[symbols] = best, distance[symbols++] = far;
            of_literal[257 + length_code[best]]++, of_distance[distance_code(far)]++;
            for (u32 k = 1 + skip; k < best && best < 128 && at + k + 4 < bytes; k++) insert(data, at + k);
            at += best;
        } else literal(data[at++]);
        best = skip = 0;
        if (symbols == MOST_SYMBOLS) block(at == bytes);
        else if (at == bytes) block(1);
    }
    if (held) bits_out(0, 8 - held);
}
