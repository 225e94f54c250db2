package b24test_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func TestPageSize(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithPageSize(20), b24test.WithPageSize(7, "CRM.lead.list"))
	p.SeedN("crm.deal", 60, nil)
	p.SeedN("crm.lead", 60, nil)
	a := call(t, p, "crm.deal.list", `{"start":25}`)
	assert.Equal(t, "60 40", counters(t, a))
	assert.Len(t, a.ids(t, "ID", "result"), 20)
	assert.Equal(t, "21", a.ids(t, "ID", "result")[0])
	a = call(t, p, "batch", `{"cmd":["crm.lead.list?start=7","crm.deal.list"]}`)
	assert.Len(t, a.ids(t, "ID", "result", "result", 0), 7)
	assert.Len(t, a.ids(t, "ID", "result", "result", 1), 20)
	assert.Equal(t, `[14,20]`, a.section(t, "result_next"))
	_, err := b24test.Start(b24test.WithPageSize(0))
	require.ErrorContains(t, err, "page size")
}

// A list may change while it is read.
func TestRowsComeAndGoBetweenRequests(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("crm.deal", 120, func(int) b24.Params { return b24.Params{"TITLE": "x"} }, b24test.WithIDs(func(i int) int64 { return int64(1000 + 10*i) }))
	var seen []string
	p.OnRequest(func(req b24test.Request) {
		seen = append(seen, fmt.Sprint(req.Method, req.InBatch))
		if start, _ := req.Start(); start == 50 {
			p.Remove("crm.deal.list", 1000, "1010")
			p.Seed("crm.deal", b24.Params{"ID": 1005})
		}
	})
	a := call(t, p, "batch", `{"cmd":["crm.deal.list?start=0","crm.deal.list?start=50"]}`)
	assert.Equal(t, []string{"batchfalse", "crm.deal.listtrue", "crm.deal.listtrue"}, seen)
	assert.Equal(t, "1490", a.ids(t, "ID", "result", "result", 0)[49])
	assert.Equal(t, "1510", a.ids(t, "ID", "result", "result", 1)[0], "1500 is missed")
	p.OnRequest(nil)
	call(t, p, "crm.deal.list", `{"start":50}`)
	assert.Len(t, seen, 3)
}

func TestRemoveReportsWhatIsNotThere(t *testing.T) {
	t.Parallel()
	tb := &recorder{TB: t}
	p := b24test.NewPortal(tb, b24test.WithMemory())
	p.Seed("crm.deal", b24.Params{"ID": 1})
	p.Remove("crm.deal", 1)
	p.Remove("crm.deal", 1)
	p.Remove("crm.lead", 5)
	tb.mu.Lock()
	defer tb.mu.Unlock()
	require.Len(t, tb.texts, 2)
	assert.Contains(t, tb.texts[1], "remove from crm.lead: no row 5")
}

func TestSeedTakesMethodNames(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.item.list:31", b24.Params{"title": "invoice"})
	p.Seed("Department.get", b24.Params{"NAME": "d"})
	p.Seed("crm.vat", b24.Params{"NAME": "v"})
	p.Seed("crm.vat.list", b24.Params{"NAME": "w"})
	assert.Len(t, p.Rows("crm.item:31"), 1)
	assert.Len(t, p.Rows("department"), 1)
	assert.Len(t, p.Rows("crm.vat.list"), 2)
}

func TestLyingLists(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name          string
		fault         b24test.Fault
		quotes, items string
	}{
		{"reversed", b24test.Reversed(), `[{"ID":"3"},{"ID":"2"}]`, `{"items":[{"id":3},{"id":2}]}`},
		{"hidden", b24test.Hidden(1), `[{"ID":"2"}]`, `{"items":[{"id":2}]}`},
		{"repeated", b24test.Repeated(), `[{"ID":"2"},{"ID":"3"},{"ID":"3"}]`, `{"items":[{"id":2},{"id":3},{"id":3}]}`},
		{"filter ignored", b24test.FilterIgnored(), `[{"ID":"1"},{"ID":"2"},{"ID":"3"}]`, `{"items":[{"id":1},{"id":2},{"id":3}]}`},
		{"without ids", b24test.WithoutIDs(), `[[],[]]`, `{"items":[[],[]]}`},
		{"null rows", b24test.NullRows(), `null`, `{"items":null}`},
		{"null row", b24test.NullRow(), `[{"ID":"2"},null]`, `{"items":[{"id":2},null]}`},
		{"other key", b24test.RowsUnder("rows"), `{"rows":[{"ID":"2"},{"ID":"3"}]}`, `{"rows":[{"id":2},{"id":3}]}`},
		{"no key", b24test.RowsUnder(""), `[]`, `[]`},
		{"truth", b24test.Pass(), `[{"ID":"2"},{"ID":"3"}]`, `{"items":[{"id":2},{"id":3}]}`},
	} {
		p := b24test.NewPortal(t, b24test.WithMemory())
		p.SeedN("crm.quote", 3, nil)
		p.SeedN("crm.item:31", 3, nil)
		p.Fault("crm.quote.list", tt.fault)
		p.Fault("crm.item.list", tt.fault)
		p.Fault("crm.quote.get", tt.fault)
		assert.Equal(t, tt.quotes, resultText(t, call(t, p, "crm.quote.list", `{"filter":{">ID":1}}`)), tt.name)
		a := call(t, p, "batch", `{"cmd":["crm.item.list?entityTypeId=31&order[id]=asc&filter[>id]=1"]}`)
		assert.JSONEq(t, "["+tt.items+"]", a.section(t, "result"), tt.name)
		assert.JSONEq(t, `{"ID":"1"}`, resultText(t, call(t, p, "crm.quote.get", `{"id":1}`)), "%s: only lists", tt.name)
		assert.JSONEq(t, `[{"ID":"2"},{"ID":"3"}]`, resultText(t, call(t, p, "crm.quote.list", `{"filter":{">ID":1}}`)), "%s: once", tt.name)
	}
}

func TestFaultsThatStay(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("crm.deal", 60, nil)
	p.Fault("crm.deal.list", b24test.Pass(), b24test.FilterIgnored().Always(), b24test.HTML(http.StatusBadGateway))
	for i, first := range []string{"51", "1", "1", "1"} {
		a := call(t, p, "crm.deal.list", `{"filter":{">ID":50},"start":-1}`)
		require.Equal(t, http.StatusOK, a.Status)
		assert.Equal(t, first, a.ids(t, "ID", "result")[0], i)
	}
}

// seededRows makes a portal with n deals.
func seededRows(tb testing.TB, n int) *b24test.Portal {
	tb.Helper()
	p := b24test.NewPortal(tb, b24test.WithMemory())
	p.SeedN("crm.deal", n, func(i int) b24.Params {
		return b24.Params{"TITLE": "Deal " + strconv.Itoa(i), "STAGE_ID": "NEW", "OPPORTUNITY": i, "ASSIGNED_BY_ID": i % 10}
	}, b24test.WithIDs(func(i int) int64 { return int64(7 + 3*i) }))
	return p
}

// exported reads all deals by chains of 50 pages in a batch and counts requests and rows.
func exported(tb testing.TB, p *b24test.Portal) (requests, rows int) {
	tb.Helper()
	last := "0"
	for {
		cmd := make([]string, 50)
		for i := range cmd {
			from := last
			if i > 0 {
				from = fmt.Sprintf("$result[%d][49][ID]", i-1)
			}
			cmd[i] = "crm.deal.list?start=-1&order[ID]=ASC&filter[>ID]=" + from
		}
		body, err := json.Marshal(map[string]any{"halt": 1, "cmd": cmd})
		require.NoError(tb, err)
		resp, err := p.HTTPClient().Post(p.WebhookURL()+"batch", "application/json", strings.NewReader(string(body)))
		require.NoError(tb, err)
		var env struct {
			Result struct {
				Result [][]struct {
					ID string `json:"ID"`
				} `json:"result"`
			} `json:"result"`
		}
		err = json.NewDecoder(resp.Body).Decode(&env)
		require.NoError(tb, err)
		require.NoError(tb, resp.Body.Close())
		requests++
		for _, page := range env.Result.Result {
			rows += len(page)
			if len(page) < 50 {
				return requests, rows
			}
			last = page[49].ID
		}
	}
}

func TestExportByChainedBatches(t *testing.T) {
	t.Parallel()
	p := seededRows(t, 5020)
	requests, rows := exported(t, p)
	assert.Equal(t, []int{3, 5020}, []int{requests, rows})
	assert.Equal(t, []int{3, 150}, []int{p.Executed("batch"), p.Executed("crm.deal.list")})
}

func BenchmarkExport(b *testing.B) {
	p := seededRows(b, 100_000)
	for b.Loop() {
		requests, rows := exported(b, p)
		require.Equal(b, []int{41, 100_000}, []int{requests, rows})
	}
}

func BenchmarkSeed(b *testing.B) {
	for b.Loop() {
		seededRows(b, 100_000)
	}
}

// Rows that are not kept answer as kept ones do, until and after one is changed.
func TestGeneratedRows(t *testing.T) {
	t.Parallel()
	row := func(i int) b24.Params { return b24.Params{"TITLE": "Deal " + strconv.Itoa(i), "OPPORTUNITY": i % 7} }
	ids := b24test.WithIDs(func(i int) int64 { return int64(7 + 3*i) })
	generated, kept := b24test.NewPortal(t, b24test.WithMemory()), b24test.NewPortal(t, b24test.WithMemory())
	generated.SeedN("crm.deal", 333, row, ids, b24test.Generated())
	kept.SeedN("crm.deal", 333, row, ids)
	same := func() {
		for _, body := range []string{
			`{}`, `{"start":50}`, `{"order":{"ID":"DESC"},"start":300}`, `{"order":{"OPPORTUNITY":"ASC"},"filter":{">ID":100}}`,
			`{"filter":{">ID":100,"<=ID":400,"OPPORTUNITY":3},"start":-1}`, `{"order":{"ID":"DESC"},"filter":{"<ID":40}}`,
			`{"order":{"OPPORTUNITY":"DESC"},"start":100}`, `{"filter":{"TITLE":"Deal 5"}}`, `{"filter":{"ID":1000000}}`, `{"filter":{"ID":13}}`,
		} {
			assert.Equal(t, resultText(t, call(t, kept, "crm.deal.list", body)), resultText(t, call(t, generated, "crm.deal.list", body)), body)
		}
		assert.Equal(t, kept.Rows("crm.deal"), generated.Rows("crm.deal"))
	}
	same()
	for _, p := range []*b24test.Portal{generated, kept} {
		p.Remove("crm.deal", 10)
		p.Seed("crm.deal", b24.Params{"TITLE": "new"})
	}
	same()
	assert.Len(t, generated.Rows("crm.deal"), 333)
}

func TestGeneratedRowsRefuse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		entity string
		n      int
		value  any
		want   string
	}{
		{"crm.deal", 0, 1, "no rows"},
		{"crm.deal", 1, make(chan int), "chan"},
		{"crm.currency", 1, 1, "numbers"},
		{"crm.lead", 1, 1, "rows already"},
		{"crm.deal:2", 1, 1, "entityTypeId"},
	} {
		tb := &recorder{TB: t}
		p := b24test.NewPortal(tb, b24test.WithMemory())
		p.Seed("crm.lead", nil)
		p.SeedN(tt.entity, tt.n, func(int) b24.Params { return b24.Params{"X": tt.value} }, b24test.Generated())
		require.Len(t, tb.texts, 1, tt.want)
		assert.Contains(t, tb.texts[0], tt.want)
	}
}

// Ids go by the name that the entity tells, in place of one in the row.
func TestSeededIDsOfItems(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("crm.item:31", 2, func(int) b24.Params { return b24.Params{"id": 1, "title": "x"} }, b24test.WithIDs(func(i int) int64 { return int64(5 + i) }))
	assert.Equal(t, []any{"5", "6"}, []any{fmt.Sprint(p.Rows("crm.item:31")[0]["id"]), fmt.Sprint(p.Rows("crm.item:31")[1]["id"])})
}
