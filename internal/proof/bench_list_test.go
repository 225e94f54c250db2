package proof_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/b24go/b24"
)

// longList answers for crm.deal.list with the rows 1, 2, 3 ... of a long table, which it
// writes while they are read: it holds no more of them than a page.
type longList struct {
	rows int
	tail string     // what follows the id in a row of 1 KB
	bufs *sync.Pool // of buffers for a page, that none is made anew for each answer
}

func newLongList(rows int) longList {
	_, deal, _ := strings.Cut(dealAnswer, `"12"`)
	deal, _, _ = strings.Cut(deal, `,"time"`)
	return longList{
		rows: rows,
		tail: strings.Replace(deal, `"COMMENTS":""`, `"COMMENTS":"`+strings.Repeat("A customer's words. ", 28)+`"`, 1),
		bufs: &sync.Pool{New: func() any { return new(bytes.Buffer) }},
	}
}

func (l longList) RoundTrip(req *http.Request) (*http.Response, error) {
	var body struct {
		Cmd    map[string]string `json:"cmd"`
		Filter map[string]int    `json:"filter"`
		Order  map[string]string `json:"order"`
		Start  int               `json:"start"`
	}
	if err := json.NewDecoder(req.Body).Decode(&body); err != nil {
		return nil, err
	}
	answer := &longAnswer{list: l, buf: l.bufs.Get().(*bytes.Buffer)}
	if body.Cmd == nil {
		page := l.page(body.Filter[">ID"], body.Filter["<ID"], body.Order["ID"], body.Start)
		answer.pages, answer.first, answer.last = []longPage{page}, `{"result":`, page.counts(l.rows)+`}`
	} else {
		answer.pages, answer.first, answer.named = l.chain(body.Cmd), `{"result":{"result":{`, true
		answer.last = `},"result_error":[],` + l.counts(answer.pages) + `,"result_time":[]}}`
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: answer, ContentLength: -1, Request: req,
	}, nil
}

// chain carries out the commands of a batch, each of which may go on behind the one before.
func (l longList) chain(cmd map[string]string) []longPage {
	pages := make([]longPage, len(cmd))
	last := 0
	for i := range pages {
		_, query, _ := strings.Cut(cmd["c"+strconv.Itoa(i)], "?")
		values, _ := url.ParseQuery(query)
		from, err := strconv.Atoi(values.Get("filter[>ID]"))
		if err != nil && values.Has("filter[>ID]") {
			from = last // of the page before
		}
		to, _ := strconv.Atoi(values.Get("filter[<ID]"))
		start, _ := strconv.Atoi(values.Get("start"))
		pages[i] = l.page(from, to, values.Get("order[ID]"), start)
		last = pages[i].to
	}
	return pages
}

// page is the 50 rows that a request asks for.
func (l longList) page(above, below int, order string, start int) longPage {
	most := l.rows
	if below > 0 {
		most = min(most, below-1)
	}
	if order == "DESC" {
		return longPage{from: max(above, most-50), to: most, down: true}
	}
	from := min(above+max(start, 0), most)
	return longPage{from: from, to: min(from+50, most), counted: start >= 0}
}

// counts are the sections result_total and result_next of a batch.
func (l longList) counts(pages []longPage) string {
	if !pages[0].counted {
		return `"result_total":[],"result_next":[]`
	}
	var total, next []string
	for i, p := range pages {
		total = append(total, fmt.Sprintf(`"c%d":%d`, i, l.rows))
		if p.to < l.rows {
			next = append(next, fmt.Sprintf(`"c%d":%d`, i, p.to))
		}
	}
	return `"result_total":{` + strings.Join(total, ",") + `},"result_next":{` + strings.Join(next, ",") + `}`
}

// longPage is the rows behind from, up to to.
type longPage struct {
	from, to      int
	down, counted bool
}

// counts are the members total and next of an answer.
func (p longPage) counts(rows int) string {
	switch {
	case !p.counted:
		return `,"total":0`
	case p.to < rows:
		return fmt.Sprintf(`,"next":%d,"total":%d`, p.to, rows)
	default:
		return fmt.Sprintf(`,"total":%d`, rows)
	}
}

func (p longPage) write(buf *bytes.Buffer, tail string) {
	buf.WriteByte('[')
	for i := range p.to - p.from {
		id := p.from + 1 + i
		if p.down {
			id = p.to - i
		}
		if i > 0 {
			buf.WriteByte(',')
		}
		buf.WriteString(`{"ID":"`)
		buf.Write(strconv.AppendInt(buf.AvailableBuffer(), int64(id), 10))
		buf.WriteByte('"')
		buf.WriteString(tail)
	}
	buf.WriteByte(']')
}

// longAnswer writes an answer, a page at a time.
type longAnswer struct {
	list        longList
	first, last string
	named       bool
	pages       []longPage
	done        int
	buf         *bytes.Buffer
}

func (a *longAnswer) Read(p []byte) (int, error) {
	if a.buf.Len() == 0 {
		a.fill()
	}
	return a.buf.Read(p)
}

func (a *longAnswer) Close() error {
	a.buf.Reset()
	a.list.bufs.Put(a.buf)
	return nil
}

func (a *longAnswer) fill() {
	switch {
	case a.done > len(a.pages):
		return
	case a.done == len(a.pages):
		a.buf.WriteString(a.last)
	default:
		if a.done == 0 {
			a.buf.WriteString(a.first)
		} else {
			a.buf.WriteByte(',')
		}
		if a.named {
			fmt.Fprintf(a.buf, `"c%d":`, a.done)
		}
		a.pages[a.done].write(a.buf, a.list.tail)
	}
	a.done++
}

func longListHook(tb testing.TB, rows int) *b24.Hook {
	tb.Helper()
	h, err := b24.FromWebhookURL("https://acme.bitrix24.com/rest/1/s3cr3t/",
		b24.WithHTTPClient(&http.Client{Transport: newLongList(rows)}), b24.WithPlan(b24.PlanUnlimited))
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

// waysToRead are the ways to read a list of deals.
func waysToRead() map[string][]b24.ListOption {
	return map[string][]b24.ListOption{
		"keyset":  {b24.WithPaging(b24.PagingKeyset)},
		"chained": nil,
		"ranges":  {b24.WithConcurrency(8)},
		"offset":  {b24.WithPaging(b24.PagingOffset)},
	}
}

// BenchmarkListRows reads 1,000,000 rows of 1 KB in each way, and reports the time for
// a row and the most heap in use. The baseline reads the same batches by bare net/http
// and decodes each at once by json/v2, into the same structs: no check of anything.
func BenchmarkListRows(b *testing.B) {
	const n = 1_000_000
	perRow := func(b *testing.B) {
		b.Helper()
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
	}
	b.Run("net/http, json/v2", func(b *testing.B) {
		for b.Loop() {
			rows, most := readBare(b, n)
			if rows != n {
				b.Fatal(rows)
			}
			b.ReportMetric(float64(most)/(1<<20), "MiB-heap")
		}
		perRow(b)
	})
	for name, opts := range waysToRead() {
		b.Run(name, func(b *testing.B) {
			h := longListHook(b, n)
			for b.Loop() {
				most := readLongList(b, h, n, opts)
				b.ReportMetric(float64(most)/(1<<20), "MiB-heap")
			}
			perRow(b)
		})
	}
}

// readBare reads rows as a program would that trusts the portal, and returns the most
// heap in use, too.
func readBare(b *testing.B, n int) (rows int, most uint64) {
	b.Helper()
	client := &http.Client{Transport: newLongList(n)}
	for from := 0; from < n; from += 2500 {
		cmd := map[string]string{}
		for i := range 50 {
			cmd["c"+strconv.Itoa(i)] = "crm.deal.list?filter[>ID]=" + strconv.Itoa(from+50*i) + "&order[ID]=ASC&start=-1"
		}
		body, err := json.Marshal(map[string]map[string]string{"cmd": cmd})
		if err != nil {
			b.Fatal(err)
		}
		resp, err := client.Post("https://acme.bitrix24.com/rest/1/s3cr3t/batch", "application/json", bytes.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		var v struct {
			Result struct {
				Result map[string][]deal `json:"result"`
			} `json:"result"`
		}
		if err := jsonv2.UnmarshalRead(resp.Body, &v); err != nil {
			b.Fatal(err)
		}
		_ = resp.Body.Close()
		for _, page := range v.Result.Result {
			rows += len(page)
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapAlloc)
	}
	return rows, most
}

// readLongList reads all rows and returns the most heap in use.
func readLongList(tb testing.TB, h *b24.Hook, n int, opts []b24.ListOption) (most uint64) {
	tb.Helper()
	i := 0
	for d, err := range b24.List[deal](tb.Context(), h, "crm.deal.list", nil, opts...) {
		if err != nil || d.Title == "" {
			tb.Fatal(err)
		}
		if i++; i%1000 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
	}
	if i != n || most > 64<<20 {
		tb.Fatalf("%d rows, %d bytes of heap", i, most)
	}
	return most
}
