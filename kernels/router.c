/* The search for edges' ways, as diagramkit/layout/routing/search.py does it, step by step: the same sums
 * in the same order, so the same ways to the last bit. That module is the specification: it says what each
 * cost is for, and does the work where WebAssembly is not to be had.
 *
 * Built by `python -m kernels.build` into diagramkit/layout/routing/data/router.wasm. It imports nothing,
 * keeps to its own memory, and keeps nothing from one reset to the next.
 */

typedef unsigned int u32;
typedef unsigned long size;

#define EXPORT(name) __attribute__((export_name(#name)))

static const double BEND = 45.0, MATES_BEND = 41.0, CROSSING = 40.0, TOGETHER = 2.5, SHARED = 0.75;
static const double NEVER = 1e18, NEARLY = 1e-9;
static const u32 NONE = 0xffffffffu;

/* Headings by number: right, down, left, up. */
static const int STEP_X[4] = {1, 0, -1, 0}, STEP_Y[4] = {0, 1, 0, -1};

/* Memory: from the end of the module's own data upwards, given back all at once. */

extern unsigned char __heap_base;
static size top;

/* A place for so many bytes, aligned to 8. */
static void *alloc(size bytes) {
    size at = (top + 7) & ~(size)7;
    top = at + bytes;
    size pages = __builtin_wasm_memory_size(0), wanted = (top + 0xffff) >> 16;
    if (wanted > pages && __builtin_wasm_memory_grow(0, wanted - pages) == (size)-1) __builtin_trap();
    return (void *)at;
}

/* Forget all, and have room for so many bytes. */
EXPORT(fresh) void *fresh(size bytes) {
    top = (size)&__heap_base;
    return alloc(bytes);
}

static u32 *words(size count, u32 fill) {
    u32 *made = alloc(count * sizeof(u32));
    for (size at = 0; at < count; at++) made[at] = fill;
    return made;
}

/* Which trunks run on each stretch (or turn at each place): lists, by stretch, in one pool. Where they begin is told
 * in pages: most stretches have none. Trunk 0 is a wire of its own. */

#define HEADS 64

typedef struct {
    u32 **pages, *trunk, *next;
    u32 free, most;
} Lists;

static Lists lists(size count) {
    size pages = count / HEADS + 1;
    u32 **made = alloc(pages * sizeof(u32 *));
    for (size at = 0; at < pages; at++) made[at] = 0;
    return (Lists){made, 0, 0, NONE, 0};
}

static u32 head_of(const Lists *of, u32 at) {
    const u32 *page = of->pages[at / HEADS];
    return page ? page[at % HEADS] : NONE;
}

/* The place of that, to write there. */
static u32 *room_of(Lists *of, u32 at) {
    u32 **page = &of->pages[at / HEADS];
    if (!*page) *page = words(HEADS, NONE);
    return *page + at % HEADS;
}

/* Twice the pool; the old one's place is lost until reset. */
static void grow(Lists *of) {
    u32 old = of->most, most = old ? old * 2 : 256;
    u32 *trunk = words(most, 0), *next = words(most, NONE);
    for (u32 at = 0; at < old; at++) trunk[at] = of->trunk[at], next[at] = of->next[at];
    for (u32 at = old; at + 1 < most; at++) next[at] = at + 1;
    of->trunk = trunk, of->next = next, of->free = old, of->most = most;
}

static void add(Lists *of, u32 at, u32 trunk) {
    if (of->free == NONE) grow(of);
    u32 link = of->free;
    of->free = of->next[link];
    u32 *head = room_of(of, at);
    of->trunk[link] = trunk, of->next[link] = *head, *head = link;
}

static void drop(Lists *of, u32 at, u32 trunk) {
    u32 *from = room_of(of, at);
    while (*from != NONE && of->trunk[*from] != trunk) from = &of->next[*from];
    if (*from == NONE) return;
    u32 link = *from;
    *from = of->next[link];
    of->next[link] = of->free, of->free = link;
}

/* Whether all there (of which there may be none) are of this trunk. */
static int all(const Lists *of, u32 at, u32 trunk) {
    u32 link = head_of(of, at);
    if (trunk == 0) return link == NONE;
    for (; link != NONE; link = of->next[link])
        if (of->trunk[link] != trunk) return 0;
    return 1;
}

static int any(const Lists *of, u32 at, u32 trunk) {
    for (u32 link = head_of(of, at); link != NONE; link = of->next[link])
        if (of->trunk[link] == trunk) return 1;
    return 0;
}

/* What is still to be looked at, cheapest first. */

typedef struct {
    double estimate, price;
    u32 state;
} Entry;

static int before(const Entry *a, const Entry *b) {
    if (a->estimate != b->estimate) return a->estimate < b->estimate;
    if (a->price != b->price) return a->price < b->price;
    return a->state < b->state;
}

static Entry *heap;
static u32 heaped, heap_most;

static void push(Entry item) {
    if (heaped == heap_most) {
        u32 most = heap_most ? heap_most * 2 : 1024;
        Entry *larger = alloc(most * sizeof(Entry));
        for (u32 at = 0; at < heaped; at++) larger[at] = heap[at];
        heap = larger, heap_most = most;
    }
    u32 at = heaped++;
    while (at && before(&item, &heap[(at - 1) / 2])) heap[at] = heap[(at - 1) / 2], at = (at - 1) / 2;
    heap[at] = item;
}

static Entry pop(void) {
    Entry first = heap[0], last = heap[--heaped];
    u32 at = 0;
    for (;;) {
        u32 child = 2 * at + 1;
        if (child >= heaped) break;
        if (child + 1 < heaped && before(&heap[child + 1], &heap[child])) child++;
        if (!before(&heap[child], &last)) break;
        heap[at] = heap[child], at = child;
    }
    heap[at] = last;
    return first;
}

/* The scene. */

typedef struct {
    u32 place;
    int entry;
    double fee, x, y;
} Goal;

typedef struct {
    u32 trunk, starts, goals;
    const u32 *state;
    const double *price;
    const Goal *goal;
} Wire;

typedef struct {
    u32 goal, count;
    const u32 *states;
} Way;

static u32 columns, rows;
static const double *xs, *ys, *level, *upright;
static double bends[4][4][3][3];
static Lists on_level, on_upright, turns;
static double haste; /* How much the rest of the way counts. Above 1, no state is looked at twice. */

/* The fewest bends from a heading to a goal that lies towards (sx, sy), entered as `entry`. */
static double least_bends(int heading, int entry, int sx, int sy) {
    int ahead = sx * STEP_X[heading] + sy * STEP_Y[heading];
    int aside = sx * STEP_Y[heading] - sy * STEP_X[heading];
    int onward = sx * STEP_X[entry] + sy * STEP_Y[entry], count;
    if (heading == entry) count = ahead >= 0 ? (aside ? 2 : 0) : 4;
    else if ((heading + 2) % 4 == entry) count = aside ? 2 : 4;
    else count = ahead >= 0 && onward >= 0 ? 1 : 3;
    return MATES_BEND * count;
}

/* What is known of the states that a search has met: what it costs to be there, and a mark. They are kept in
 * pages, as many as one search needs: it meets few of all. */

#define PAGE_BITS 6 /* Of a state's number: 16 places in a row. */
#define PAGE (1u << PAGE_BITS)
#define START 4 /* A mark: whether the state is done, and the heading of the one before, or START. */
#define DONE 8

typedef struct {
    double cost[PAGE];
    unsigned char mark[PAGE];
} Page;

static Page **page_of;   /* By a state's number without its lowest bits. */
static u32 *page_round;  /* The search in which that is so. */
static u32 this_round, pages_used, pages_held;
static Page **pages;     /* All that there are: the first `pages_used` are this search's. */

static Page *another_page(void) {
    if (pages_used == pages_held) pages[pages_held++] = alloc(sizeof(Page));
    Page *made = pages[pages_used++];
    for (u32 at = 0; at < PAGE; at++) made->cost[at] = NEVER, made->mark[at] = START;
    return made;
}

static Page *page(u32 state) {
    u32 at = state >> PAGE_BITS;
    if (page_round[at] != this_round) page_round[at] = this_round, page_of[at] = another_page();
    return page_of[at];
}

static int sign(double value) { return (value > 0) - (value < 0) + 1; }

static double size_of(double value) { return value < 0 ? -value : value; }

/* The state before: a step back along the heading, in the heading that it had there. */
static u32 came(u32 state) {
    static const int BACK[4] = {-1, 0, 1, 0}, BACK_ROWS[4] = {0, -1, 0, 1};
    u32 before = page(state)->mark[state % PAGE] & 7, heading = state & 3;
    if (before == START) return NONE;
    return ((state >> 2) + BACK[heading] + BACK_ROWS[heading] * columns) * 4 + before;
}

/* What is left to pay from `state`, at least: the way, its bends and its end. */
static double least(u32 state, const Wire *wire, double shared) {
    double x = xs[(state >> 2) % columns], y = ys[(state >> 2) / columns], best = NEVER;
    for (u32 at = 0; at < wire->goals; at++) {
        const Goal *goal = &wire->goal[at];
        double dx = goal->x - x, dy = goal->y - y;
        double rest = (size_of(dx) + size_of(dy)) * shared
                      + bends[state & 3][goal->entry][sign(dx)][sign(dy)] + goal->fee;
        if (rest < best) best = rest;
    }
    return best;
}

/* What it costs to go straight on at `place`, where other wires may cross. */
static double crossed(u32 place, u32 heading, u32 mine) {
    const Lists *of = heading & 1 ? &on_level : &on_upright;
    u32 back = place - (heading & 1 ? 1 : columns);
    int clear = all(of, place, mine) && (back >= columns * rows || all(of, back, mine));
    return clear ? 0.0 : CROSSING;
}

static void step(u32 state, double price, const Wire *wire, double shared) {
    static const u32 TURNS[3] = {0, 1, 3};
    u32 place = state >> 2, j = place / columns, i = place % columns;
    for (int number = 0; number < 3; number++) {
        u32 turn = TURNS[number], after = ((state & 3) + turn) & 3, to, low;
        double more;
        if (after == 0) to = place + 1, low = place, more = level[j * (columns + 1) + i + 1];
        else if (after == 2) to = low = place - 1, more = level[j * (columns + 1) + i];
        else if (after == 1) to = place + columns, low = place, more = upright[i * (rows + 1) + j + 1];
        else to = low = place - columns, more = upright[i * (rows + 1) + j];
        if (more < 0) continue;
        const Lists *of = after & 1 ? &on_upright : &on_level;
        if (head_of(of, low) != NONE) more *= wire->trunk && all(of, low, wire->trunk) ? SHARED : TOGETHER;
        if (turn) more += wire->trunk && any(&turns, place, wire->trunk) ? MATES_BEND : BEND;
        else more += crossed(place, after, wire->trunk);
        double total = price + more;
        u32 next = to * 4 + after, at = next % PAGE;
        Page *there = page(next);
        if (total < there->cost[at] - NEARLY) {
            there->cost[at] = total, there->mark[at] = (there->mark[at] & DONE) | (state & 3);
            push((Entry){total + haste * least(next, wire, shared), total, next});
        }
    }
}

/* The cheapest way of a wire; its goal is NONE where there is no way. */
static Way search(const Wire *wire) {
    double shared = wire->trunk ? SHARED : 1.0, finish = NEVER;
    Way way = {NONE, 0, 0};
    u32 last = NONE;
    this_round++, heaped = pages_used = 0;
    for (u32 at = 0; at < wire->starts; at++) {
        u32 state = wire->state[at];
        page(state)->cost[state % PAGE] = wire->price[at];
        push((Entry){wire->price[at] + haste * least(state, wire, shared), wire->price[at], state});
    }
    while (heaped) {
        Entry entry = pop();
        if (last != NONE && entry.estimate >= finish) break;
        Page *here = page(entry.state);
        u32 slot = entry.state % PAGE;
        if (entry.price > here->cost[slot]) continue;
        if (haste > 1 && here->mark[slot] & DONE) continue;
        here->mark[slot] |= DONE;
        for (u32 at = 0; at < wire->goals; at++) {
            if (wire->goal[at].place != entry.state >> 2) continue;
            u32 turn = (u32)(wire->goal[at].entry - (int)(entry.state & 3)) & 3;
            double total = entry.price + wire->goal[at].fee + (turn ? BEND : 0.0);
            if (turn != 2 && (last == NONE || total < finish)) finish = total, last = entry.state, way.goal = at;
        }
        step(entry.state, entry.price, wire, shared);
    }
    if (last == NONE) return way;
    way.count = 1;
    for (u32 at = last; (at = came(at)) != NONE;) way.count++;
    u32 *states = words(way.count, 0), left = way.count;
    for (u32 at = last; left; at = came(at)) states[--left] = at;
    way.states = states;
    return way;
}

/* Note a way that was found, or forget it again. */
static void note(u32 trunk, const Way *way, void (*change)(Lists *, u32, u32)) {
    for (u32 at = 0; at + 1 < way->count; at++) {
        u32 a = way->states[at] >> 2, b = way->states[at + 1] >> 2, low = a < b ? a : b;
        change((a < b ? b : a) - low == 1 ? &on_level : &on_upright, low, trunk);
    }
    for (u32 at = 0; trunk && at + 2 < way->count; at++) {
        u32 a = way->states[at] >> 2, b = way->states[at + 1] >> 2, c = way->states[at + 2] >> 2;
        if (c - b != b - a) change(&turns, b, trunk);
    }
}

/* What is asked: the size of the grid and the number of wires; where the numbers of these are; how much in haste. */
typedef struct {
    u32 wide, high, count;
    const double *grid;
    const u32 *ints;
    const double *reals;
    double haste;
} Asked;

/* Route all wires, in their order; those with a trunk a second time, when the others of it are known.
 *
 * At `grid`: xs, ys, then what each stretch costs, level ones row by row, upright ones column by column. At
 * `ints`, for each wire: its trunk, how many starts and goals it has, the starts' states, the goals' places
 * and entries. At `reals`: the starts' prices, the goals' fees, xs and ys. Returns where the answer is: how many
 * words come, then for each wire the number of its goal (NONE: no way), how many states its way has, and these.
 */
EXPORT(route) u32 *route(const Asked *asked) {
    u32 count = asked->count;
    const u32 *ints = asked->ints;
    const double *reals = asked->reals;
    size places = (size)asked->wide * asked->high;
    haste = asked->haste;
    columns = asked->wide, rows = asked->high;
    xs = asked->grid, ys = xs + columns, level = ys + rows, upright = level + (size)rows * (columns + 1);
    for (int heading = 0; heading < 4; heading++)
        for (int entry = 0; entry < 4; entry++)
            for (int x = 0; x < 3; x++)
                for (int y = 0; y < 3; y++) bends[heading][entry][x][y] = least_bends(heading, entry, x - 1, y - 1);
    on_level = lists(places), on_upright = lists(places), turns = lists(places);
    u32 most_pages = (places * 4 + PAGE - 1) / PAGE;
    page_of = alloc(most_pages * sizeof(Page *)), page_round = words(most_pages, 0), this_round = 0;
    pages = alloc(most_pages * sizeof(Page *)), pages_held = pages_used = 0;
    heap = 0, heap_most = heaped = 0;
    Wire *wires = alloc(count * sizeof(Wire));
    Way *ways = alloc(count * sizeof(Way));
    for (u32 at = 0; at < count; at++) {
        u32 trunk = ints[0], starts = ints[1], goals = ints[2];
        wires[at] = (Wire){trunk, starts, goals, ints + 3, reals, 0};
        ints += 3 + starts, reals += starts;
        Goal *goal = alloc(goals * sizeof(Goal));
        wires[at].goal = goal;
        for (; goals; goals--, goal++, ints += 2, reals += 3)
            *goal = (Goal){ints[0], (int)ints[1], reals[0], reals[1], reals[2]};
    }
    for (u32 at = 0; at < count; at++) {
        ways[at] = search(&wires[at]);
        note(wires[at].trunk, &ways[at], add);
    }
    for (u32 at = 0; at < count; at++) {
        if (!wires[at].trunk || ways[at].goal == NONE) continue;
        note(wires[at].trunk, &ways[at], drop);
        Way again = search(&wires[at]);
        if (again.goal != NONE) ways[at] = again;
        note(wires[at].trunk, &ways[at], add);
    }
    size total = 0;
    for (u32 at = 0; at < count; at++) total += 2 + ways[at].count;
    u32 *answer = words(total + 1, 0), *out = answer;
    *out++ = total;
    for (u32 at = 0; at < count; at++) {
        *out++ = ways[at].goal, *out++ = ways[at].count;
        for (u32 state = 0; state < ways[at].count; state++) *out++ = ways[at].states[state];
    }
    return answer;
}
