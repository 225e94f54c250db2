package b24_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// The rows of a list of REST 3.0 are those of a call with the caller's own parameters, where a page holds all.
func TestV3ListsAreWhatWasAsked(t *testing.T) {
	t.Parallel()
	n := truthSeeds(t, 400)
	met := map[string]int{}
	for seed := range uint64(n) {
		c := newTruthV3(seed)
		end, problem := c.run(t)
		require.Empty(t, problem, "seed %d: %s, %s\nwanted %s\ngot    %s", seed, c.params, c.way, brief(c.want), brief(c.got))
		met[end]++
	}
	require.Greater(t, met["read"], n/2, "%v", met)
	require.NotZero(t, met["refused"], "%v", met)
}

// truthV3 is one random list of REST 3.0.
type truthV3 struct {
	rng    *rand.Rand
	rows   []b24.Params
	params string
	way    string
	opts   []b24.ListOption
	size   int
	want   []string
	got    []string
}

func newTruthV3(seed uint64) *truthV3 {
	c := &truthV3{rng: rand.New(rand.NewPCG(seed, 33))}
	id := 0
	for range []int{0, 1, 49, 50, 51, 120, 260}[c.rng.IntN(7)] {
		if id++; c.rng.IntN(9) == 0 {
			id += c.rng.IntN(60)
		}
		c.rows = append(c.rows, b24.Params{"id": id, "auditTypeId": c.text(), "userId": c.rng.IntN(4), "guestId": c.rng.IntN(3)})
	}
	params := b24.Params{}
	if c.rng.IntN(4) > 0 {
		params["filter"] = c.nodes(2)
	}
	if c.rng.IntN(3) == 0 {
		params["order"] = b24.Params{[]string{"id", "userId", "auditTypeId"}[c.rng.IntN(3)]: []string{"ASC", "DESC"}[c.rng.IntN(2)]}
	}
	if c.rng.IntN(3) == 0 {
		params["select"] = []string{"id", "auditTypeId", "userId"}
	}
	text, err := json.Marshal(params)
	if err == nil {
		c.params = string(text)
	}
	ways := []string{"auto", "auto", "keyset", "chained", "offset", "ranges", "down", "short"}
	c.way = ways[c.rng.IntN(len(ways))]
	c.opts = map[string][]b24.ListOption{
		"keyset": {b24.WithPaging(b24.PagingKeyset)}, "chained": {b24.WithPaging(b24.PagingChained)}, "offset": {b24.WithPaging(b24.PagingOffset)},
		"ranges": {b24.WithConcurrency(3)}, "down": {b24.WithDescending()}, "short": {b24.WithMethod(b24.ListMethod{ShortPages: true})},
	}[c.way]
	c.size = []int{50, 50, 7, 1000}[c.rng.IntN(4)]
	return c
}

func (c *truthV3) text() string { return []string{"a", "b", "NEW", "1", ""}[c.rng.IntN(5)] }

// nodes are a filter, or the conditions of a group.
func (c *truthV3) nodes(depth int) []any {
	all := []any{}
	for range 1 + c.rng.IntN(2) {
		switch k := c.rng.IntN(12); {
		case k == 0 && depth > 0:
			all = append(all, b24.Params{"type": "filter", "logic": []string{"or", "and"}[c.rng.IntN(2)], "negative": c.rng.IntN(3) == 0, "conditions": c.nodes(depth - 1)})
		case k == 1:
			all = append(all, []any{"id", "in", c.ids()})
		case k < 4:
			all = append(all, []any{"id", []string{">", "<", ">=", "<=", "=", "!="}[c.rng.IntN(6)], c.rng.IntN(len(c.rows) + 3)})
		case k == 4:
			all = append(all, []any{"userId", "in", []any{c.rng.IntN(4), c.rng.IntN(4)}})
		case k == 5:
			all = append(all, []any{"userId", "in", []any{}})
		case k == 6:
			all = append(all, []any{"id", "between", []any{c.rng.IntN(20), c.rng.IntN(200)}})
		case k < 9:
			all = append(all, []any{"userId", []string{">", "<", "=", "!="}[c.rng.IntN(4)], c.rng.IntN(4)})
		default:
			all = append(all, []any{"auditTypeId", []string{"=", "!="}[c.rng.IntN(2)], c.text()})
		}
	}
	return all
}

func (c *truthV3) ids() []any {
	ids := []any{}
	for range c.rng.IntN(80) {
		ids = append(ids, c.rng.IntN(len(c.rows)*2+5))
	}
	return ids
}

func (c *truthV3) portal(t *testing.T, most int) *b24.V3 {
	t.Helper()
	p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithMaxLimitV3(most, "main.eventlog.list"))
	p.SeedV3("main.eventlog", c.rows...)
	return newHook(t, p).V3()
}

func (c *truthV3) run(t *testing.T) (end, problem string) {
	t.Helper()
	whole := strings.TrimSuffix(c.params, "}") + `,"pagination":{"limit":1000}}`
	whole = strings.Replace(whole, "{,", "{", 1)
	call, refused := c.portal(t, 1000).CallMethod(t.Context(), "main.eventlog.list", json.RawMessage(whole), b24.WithoutRetry())
	var report b24.ListReport
	rows, err := b24.Collect(b24.List[json.RawMessage](t.Context(), c.portal(t, c.size), "main.eventlog.list", json.RawMessage(c.params),
		append(c.opts, b24.WithReport(&report))...))
	switch {
	case errors.Is(err, b24.ErrInvalidParams):
		return "refused", ""
	case err != nil && refused != nil:
		return "error of the portal", ""
	case err != nil:
		return "error", fmt.Sprint("it fails: ", err)
	case len(rows) == 0 && strings.Contains(c.params, `["id","in",[]]`):
		return "none", ""
	case refused != nil:
		return "", fmt.Sprint("the portal refuses the call, and the list has no error: ", refused)
	case !report.Complete:
		return "", "not complete"
	}
	c.want, c.got = rowTexts(t, rowsOf(call.Raw())), rowTexts(t, rows)
	slices.Sort(c.want)
	slices.Sort(c.got)
	if !slices.Equal(c.want, c.got) {
		return "", "other rows than were asked for"
	}
	return "read", ""
}
