package b24_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// truthSeeds is how many random programs a test runs: n, more or fewer with B24_PROOF, or what B24_SEEDS says.
func truthSeeds(t *testing.T, n int) int {
	t.Helper()
	n = size(n/4, n, 10_000)
	if text := os.Getenv("B24_SEEDS"); text != "" {
		var err error
		n, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	return n
}

// The rows of a list are those that the caller's own parameters give, whatever the library adds to read them
// faster; or the list is refused, or ends with an error. What the parameters give is asked for in one call,
// past the client, from a portal with the same rows and a page for all of them.
func TestListsAreWhatWasAsked(t *testing.T) { //nolint:tparallel // its seeds are counted when all are done
	t.Parallel()
	const shards = 4
	n := truthSeeds(t, 400)
	var mu sync.Mutex
	met := map[string]map[string]int{}
	t.Run("seeds", func(t *testing.T) {
		for shard := range shards {
			t.Run(strconv.Itoa(shard), func(t *testing.T) {
				t.Parallel()
				for seed := shard; seed < n && !t.Failed(); seed += shards {
					c := newTruth(uint64(seed))
					end, problem := c.run(t)
					if problem != "" {
						t.Errorf("seed %d: %s\n%s %s, %s\nwanted %s\ngot    %s", seed, problem, c.kind.method, c.params, c.way, brief(c.want), brief(c.got))
					}
					mu.Lock()
					if met[c.kind.method] == nil {
						met[c.kind.method] = map[string]int{}
					}
					met[c.kind.method][end]++
					mu.Unlock()
				}
			})
		}
	})
	if n < 1000 {
		return
	}
	for _, method := range slices.Sorted(maps.Keys(met)) {
		t.Logf("%s: %v", method, met[method])
		if met[method]["read"] == 0 {
			t.Errorf("no list of %s was read to its end", method)
		}
	}
}

func brief(rows []string) string {
	text := fmt.Sprintf("%d rows: %s", len(rows), strings.Join(rows, " "))
	return text[:min(len(text), 600)]
}

// truth is one random list.
type truth struct {
	rng    *rand.Rand
	kind   truthKind
	rows   []b24.Params
	params string
	way    string
	opts   []b24.ListOption
	size   int
	desc   bool // the caller's order goes down by id
	byID   bool // the caller's order is by id, or there is none
	added  []string
	want   []string
	got    []string
}

func newTruth(seed uint64) *truth {
	c := &truth{rng: rand.New(rand.NewPCG(seed, 15)), byID: true}
	kinds := truthKinds()
	c.kind = kinds[c.rng.IntN(len(kinds))]
	c.seedRows()
	c.askFor()
	c.readBy()
	c.byID = c.byID && !c.kind.unordered
	return c
}

func (c *truth) chance(in int) bool { return c.rng.IntN(in) == 0 }

// value is one of a few, so that rows are alike in many ways.
func (c *truth) value(field string) any {
	if slices.Contains(c.kind.numbers, field) {
		return c.rng.IntN(5)
	}
	return []string{"", "a", "b", "NEW", "Y", "N", "1", "0", "a b", "ä%_"}[c.rng.IntN(10)]
}

func (c *truth) seedRows() {
	n := []int{0, 1, 3, 20, 49, 50, 51, 120, 200, 330}[c.rng.IntN(10)]
	id := c.rng.IntN(5)
	for i := range n {
		row := maps.Clone(c.kind.fixed)
		if row == nil {
			row = b24.Params{}
		}
		for _, field := range slices.Concat(c.kind.texts, c.kind.numbers) {
			row[field] = c.value(field)
		}
		if id++; c.chance(9) {
			id += c.rng.IntN(90)
		}
		if c.kind.id != "" {
			row[c.kind.id] = id
		}
		for j, key := range c.kind.keys {
			row[key] = []int{1 + i%3, 1 + i%4, id}[j]
		}
		if c.kind.more != nil {
			c.kind.more(c, row)
		}
		c.rows = append(c.rows, row)
	}
}

// ids are some ids, of rows and of none.
func (c *truth) ids(n int) []any {
	ids := []any{}
	for range c.rng.IntN(n + 1) {
		id := c.rng.IntN(len(c.rows)*2 + 5)
		if c.chance(2) {
			ids = append(ids, id)
		} else {
			ids = append(ids, strconv.Itoa(id))
		}
	}
	return ids
}

// condition is a condition of a filter.
func (c *truth) condition() b24.Pair {
	fields := slices.Concat(c.kind.texts, c.kind.numbers)
	field := fields[c.rng.IntN(len(fields))]
	if c.kind.special != nil && c.chance(3) {
		return c.kind.special(c)
	}
	switch k := c.rng.IntN(20); {
	case k < 4 && c.kind.key != "":
		return b24.KV([]string{">", ">=", "<", "<=", "", "!"}[c.rng.IntN(6)]+c.kind.key, c.rng.IntN(len(c.rows)*2+5))
	case k == 4 && c.kind.key != "":
		return b24.KV([]string{"@", "", "=", "!", "!@"}[c.rng.IntN(5)]+c.kind.key, c.ids(90))
	case k == 5:
		return b24.KV(field, []any{true, false, nil, "", "0", 0, []any{}, b24.Params{}}[c.rng.IntN(8)])
	case k == 6:
		return b24.KV([]string{"@", "=", "!", "!@", ""}[c.rng.IntN(5)]+field, []any{c.value(field), c.value(field)})
	case k == 7:
		return b24.KV("NO_SUCH_FIELD", 1)
	case k == 8 && c.kind.key != "":
		return b24.KV(">"+strings.ToLower(c.kind.key), c.rng.IntN(len(c.rows)+5))
	case k < 11:
		return b24.KV([]string{">", ">=", "<", "<=", "!", "%", "><"}[c.rng.IntN(7)]+field, c.value(field))
	default:
		return b24.KV(field, c.value(field))
	}
}

// conditions are a level of a filter.
func (c *truth) conditions(depth int) b24.Ordered {
	var level b24.Ordered
	if c.chance(3) {
		word := []any{"OR", "OR", "OR", "or", "AND"}[c.rng.IntN(5)]
		name := []string{c.kind.logic, c.kind.logic, "logic", "LOGIC", "::LOGIC"}[c.rng.IntN(5)]
		level = append(level, b24.KV(name, word))
	}
	seen := map[string]bool{}
	for range 1 + c.rng.IntN(3) {
		if p := c.condition(); !seen[p.Key] {
			seen[p.Key] = true
			level = append(level, p)
		}
	}
	if depth > 0 && c.chance(3) {
		level = append(level, b24.KV([]string{"0", "1", "::SUBFILTER-2"}[c.rng.IntN(3)], c.conditions(depth-1)))
	}
	c.rng.Shuffle(len(level), func(i, j int) { level[i], level[j] = level[j], level[i] })
	return level
}

// askFor makes the caller's parameters.
func (c *truth) askFor() {
	k := c.kind
	var params b24.Ordered
	for _, name := range slices.Sorted(maps.Keys(k.needs)) {
		params = append(params, b24.KV(name, k.needs[name]))
	}
	filter := b24.Ordered{}
	for name, value := range k.pinned {
		filter = append(filter, b24.KV(name, value))
	}
	if c.chance(3) == false {
		filter = append(filter, c.conditions(2)...)
	}
	switch {
	case len(filter) == 0 && c.chance(2):
	case k.loose && c.chance(2):
		params = append(params, filter...)
		if c.chance(6) {
			params = append(params, b24.KV(k.filter, c.conditions(0)))
		}
	default:
		params = append(params, b24.KV(k.filter, filter))
	}
	params = c.orderAndSelect(params)
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(any(params)); err != nil {
		text.Reset()
	}
	c.params = strings.TrimSpace(text.String())
}

func (c *truth) orderAndSelect(params b24.Ordered) b24.Ordered {
	k := c.kind
	dir := []string{"ASC", "DESC"}[c.rng.IntN(2)]
	switch fields := slices.Concat(k.texts, k.numbers); {
	case c.chance(2):
	case k.key != "" && c.chance(2) && k.sort:
		c.desc = dir == "DESC"
		params = append(params, b24.KV("sort", k.key), b24.KV("order", dir))
	case k.key != "" && c.chance(2):
		c.desc = dir == "DESC" && !k.sort
		if !k.sort {
			params = append(params, b24.KV(k.order, b24.Params{k.key: dir}))
		}
	case k.sort:
		c.byID = false
		params = append(params, b24.KV("sort", fields[c.rng.IntN(len(fields))]), b24.KV("order", dir))
	default:
		c.byID = false
		params = append(params, b24.KV(k.order, b24.Params{fields[c.rng.IntN(len(fields))]: dir}))
	}
	if k.sel != "" && c.chance(3) {
		sel := []string{k.texts[0], k.numbers[0]}
		if c.added = k.adds; k.key != "" && c.chance(2) {
			sel = append(sel, k.key)
		} else {
			c.added = slices.Concat([]string{k.id}, k.keys, k.adds) // what the library needs, and the caller did not ask for
		}
		params = append(params, b24.KV(k.sel, sel))
	}
	return params
}

// readBy picks a way of reading.
func (c *truth) readBy() {
	ways := map[string][]b24.ListOption{
		"auto": nil, "keyset": {b24.WithPaging(b24.PagingKeyset)}, "chained": {b24.WithPaging(b24.PagingChained)}, "offset": {b24.WithPaging(b24.PagingOffset)},
		"ranges": {b24.WithConcurrency(3)}, "down": {b24.WithDescending()}, "counted": {b24.WithProgress(func(b24.Progress) {})}, "until empty": {b24.WithMethod(b24.ListMethod{ShortPages: true})},
		"limit": {b24.WithLimit(1 + c.rng.IntN(200))},
	}
	names := append(slices.Sorted(maps.Keys(ways)), "auto", "auto", "auto", "ranges")
	c.way = names[c.rng.IntN(len(names))]
	c.opts = ways[c.way]
	if c.size = 50; c.chance(4) && !c.kind.fifty && !strings.Contains(c.params, "contactIds") {
		c.size = []int{7, 20, 33}[c.rng.IntN(3)]
	}
	c.way += fmt.Sprintf(" of %d", c.size)
}

func (c *truth) portal(t *testing.T, size int) *b24test.Portal {
	t.Helper()
	p, err := b24test.Start(b24test.WithMemory(), b24test.WithPageSize(size))
	require.NoError(t, err)
	entity := c.kind.entity
	if entity == "" {
		entity = c.kind.method
	}
	p.Seed(entity, c.rows...)
	return p
}

// run reads the list and returns how it ended, and what is wrong.
func (c *truth) run(t *testing.T) (end, problem string) {
	t.Helper()
	refused := c.ask(t)
	p := c.portal(t, c.size)
	defer p.Close()
	h, err := b24.FromWebhookURL(p.WebhookURL(), b24.WithHTTPClient(p.HTTPClient()))
	require.NoError(t, err)
	defer h.Close()
	report, err := c.list(t, h)
	if c.way[:5] == "limit" && err == nil {
		again, err := c.list(t, h, b24.WithResume(report.Cursor), b24.WithLimit(0))
		if report = again; err != nil {
			return c.failed(err, refused)
		}
	}
	if err != nil {
		return c.failed(err, refused)
	}
	switch {
	case refused:
		if len(c.got) == 0 && len(p.Requests()) == 0 {
			return "none", ""
		}
		return "", "the portal refuses the caller's own call, and the list has no error"
	case !report.Complete:
		return "", "the list is not complete and has no error"
	case len(p.Requests()) == 0 && len(c.got) == 0:
		return "none", c.askedForNone()
	}
	return "read", c.compare()
}

// askedForNone: no request was sent, which is right for an empty list of ids only.
func (c *truth) askedForNone() string {
	for _, text := range []string{`ID":[]`, `id":[]`, `ID":null`, `id":null`, `ID":{}`} {
		if strings.Contains(c.params, text) {
			return ""
		}
	}
	if bound := strings.Contains(c.params, "<"); bound || strings.Contains(c.params, `ID":[`) || strings.Contains(c.params, `id":[`) {
		return c.compare() // bounds that exclude each other
	}
	return "no request was sent"
}

func (c *truth) failed(err error, refused bool) (end, problem string) {
	var list *b24.ListError
	switch {
	case errors.Is(err, b24.ErrInvalidParams):
		return "refused", ""
	case refused:
		return "error of the portal", ""
	case errors.As(err, &list):
		if strings.HasPrefix(c.way, "auto") && c.size == 50 && c.byID && !strings.Contains(c.params, "ogic") && !strings.Contains(c.params, "OGIC") {
			return "", "a plain list fails: " + err.Error()
		}
		return "error", ""
	default:
		return "", "an error of another kind: " + err.Error()
	}
}

// compare holds what was read against what was asked for: the same rows, in the order of their ids where
// that is the order.
func (c *truth) compare() string {
	want, got := slices.Sorted(slices.Values(c.want)), slices.Sorted(slices.Values(c.got))
	switch {
	case !slices.Equal(want, got):
		return "other rows than were asked for"
	case c.byID && c.kind.id != "" && c.added == nil && !strings.HasPrefix(c.way, "ranges") && !c.inOrder():
		return "the rows are not in order"
	default:
		return ""
	}
}

func (c *truth) inOrder() bool {
	down := c.desc || strings.HasPrefix(c.way, "down")
	var before int64
	for i, row := range c.got {
		var fields map[string]json.RawMessage
		_ = json.Unmarshal([]byte(row), &fields)
		id, err := strconv.ParseInt(strings.Trim(string(fields[c.kind.id]), `"`), 10, 64)
		if err != nil || i > 0 && down == (id > before) {
			return false
		}
		before = id
	}
	return true
}

// list reads with the library.
func (c *truth) list(t *testing.T, h *b24.Hook, more ...b24.ListOption) (b24.ListReport, error) {
	t.Helper()
	var report b24.ListReport
	opts := slices.Concat(c.opts, []b24.ListOption{b24.WithReport(&report)}, more)
	for rows, err := range h.FetchListMethod(t.Context(), c.kind.method, json.RawMessage(c.params), opts...) {
		for _, row := range rows {
			c.got = append(c.got, c.plain(row))
		}
		if err != nil {
			return report, err
		}
	}
	return report, nil
}

// said is the caller's own parameters. Where the portal drops or refuses an operator before a list of ids it is written
// as the portal takes it: that is what the caller said.
func (c *truth) said() string {
	by := `"` + c.kind.key + `":`
	params := c.params
	if c.kind.drops && !strings.Contains(strings.NewReplacer(by+`"ASC"`, "", by+`"DESC"`, "").Replace(params), by) {
		params = strings.NewReplacer(`"@`+c.kind.key+`":`, by, `"=`+c.kind.key+`":`, by).Replace(params)
	}
	if c.kind.uncounted {
		params = `{"start":-1,` + params[1:]
	}
	return params
}

// ask makes the caller's own call, in one page; true if the portal refuses it.
func (c *truth) ask(t *testing.T) (refused bool) {
	t.Helper()
	p := c.portal(t, 100_000)
	defer p.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.WebhookURL()+c.kind.method, strings.NewReader(c.said()))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := p.HTTPClient().Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	var answer struct {
		Result json.RawMessage `json:"result"`
		Error  any             `json:"error"`
	}
	require.NoError(t, json.Unmarshal(body, &answer), "%s", body)
	if answer.Error != nil {
		return true
	}
	rows := answer.Result
	if c.kind.container != "" && !bytes.Equal(rows, []byte("[]")) {
		var outer map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(rows, &outer), "%s", body)
		rows = outer[c.kind.container]
	}
	var list []json.RawMessage
	if json.Unmarshal(rows, &list) != nil {
		var keyed map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(rows, &keyed), "%s", body)
		list = slices.Collect(maps.Values(keyed))
	}
	for _, row := range list {
		c.want = append(c.want, c.plain(row))
	}
	if c.kind.again {
		slices.Sort(c.want)
		c.want = slices.Compact(c.want)
	}
	return false
}

// plain is a row as text, without what the library adds to a select.
func (c *truth) plain(row []byte) string {
	var fields map[string]any
	if json.Unmarshal(row, &fields) != nil {
		return string(row)
	}
	for _, name := range c.added {
		delete(fields, name)
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return string(row)
	}
	return string(text)
}
