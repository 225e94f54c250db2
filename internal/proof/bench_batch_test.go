package proof_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/b24go/b24"
)

// replay answers every request with the same body.
type replay []byte

func (r replay) RoundTrip(req *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(r)), ContentLength: int64(len(r)), Request: req,
	}, nil
}

func replayHook(tb testing.TB, body []byte, opts ...b24.Option) *b24.Hook {
	tb.Helper()
	h, err := b24.FromWebhookURL("https://acme.bitrix24.com/rest/1/s3cr3t/",
		append([]b24.Option{b24.WithHTTPClient(&http.Client{Transport: replay(body)}), b24.WithPlan(b24.PlanUnlimited)}, opts...)...)
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

// dealPages is the answer to 50 commands with 50 deals each.
func dealPages() []byte {
	var one struct {
		Result json.RawMessage `json:"result"`
	}
	if err := json.Unmarshal([]byte(dealAnswer), &one); err != nil {
		return nil
	}
	page := "[" + strings.TrimSuffix(strings.Repeat(string(one.Result)+",", 50), ",") + "]"
	pages := strings.TrimSuffix(strings.Repeat(page+",", 50), ",")
	return []byte(`{"result":{"result":[` + pages + `],"result_error":[],"result_total":[],"result_next":[],"result_time":[]},"time":{"operating":0}}`)
}

// BenchmarkBatchDecode compares 50 pages of 50 rows, decoded through
// Pending[[]deal], with one direct decode by json/v2 into the same structs, and
// with three nested passes of encoding/json.
func BenchmarkBatchDecode(b *testing.B) {
	body := dealPages()
	b.Run("direct json/v2", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var v struct {
				Result struct {
					Result [][]deal `json:"result"`
				} `json:"result"`
			}
			if err := jsonv2.Unmarshal(body, &v); err != nil || len(v.Result.Result) != 50 {
				b.Fatal(err)
			}
		}
	})
	b.Run("nested encoding/json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			nested(b, body)
		}
	})
	b.Run("b24", func(b *testing.B) {
		b.ReportAllocs()
		h := replayHook(b, body)
		for b.Loop() {
			var batch b24.Batch
			pages := make([]*b24.Pending[[]deal], 50)
			for i := range pages {
				pages[i] = b24.Queue[[]deal](&batch, "crm.deal.list", nil)
			}
			if _, err := h.CallBatch(b.Context(), &batch); err != nil {
				b.Fatal(err)
			}
			for _, page := range pages {
				if rows, err := page.Get(); err != nil || len(rows) != 50 {
					b.Fatal(err)
				}
			}
		}
	})
}

// nested decodes envelope, sections and rows one after the other.
func nested(b *testing.B, body []byte) {
	b.Helper()
	var outer struct {
		Result json.RawMessage `json:"result"`
	}
	var sections struct {
		Result []json.RawMessage `json:"result"`
	}
	if json.Unmarshal(body, &outer) != nil || json.Unmarshal(outer.Result, &sections) != nil {
		b.Fatal("no batch")
	}
	for _, raw := range sections.Result {
		var rows []deal
		if err := json.Unmarshal(raw, &rows); err != nil || len(rows) != 50 {
			b.Fatal(err)
		}
	}
}

// BenchmarkBatchEncode compares sending 50 commands of 10 fields with building the
// same query strings by net/url.
func BenchmarkBatchEncode(b *testing.B) {
	fields := b24.Params{}
	for i := range 10 {
		fields[fmt.Sprintf("UF_CRM_%d", i)] = fmt.Sprintf("value & more %d", i)
	}
	b.Run("net/url", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for range 50 {
				values := url.Values{"id": {"7"}}
				for name, v := range fields {
					values.Set("fields["+name+"]", fmt.Sprint(v))
				}
				_ = values.Encode()
			}
		}
	})
	b.Run("b24", func(b *testing.B) {
		b.ReportAllocs()
		h := replayHook(b, []byte(`{"result":{"result":[`+strings.TrimSuffix(strings.Repeat("true,", 50), ",")+`]}}`))
		calls := make(b24.Commands, 50)
		for i := range calls {
			calls[i] = b24.Command{Method: "crm.deal.update", Params: b24.Params{"id": 7, "fields": fields}}
		}
		for b.Loop() {
			if _, err := h.CallBatch(b.Context(), calls); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkStreamBatch calls 1,000,000 commands and reports the time for one and the
// most heap in use, which must stay under 64 MiB. The baseline sends the same commands
// in batches of 50 made by net/url and encoding/json, and looks at no answer of theirs.
func BenchmarkStreamBatch(b *testing.B) {
	const n = 1_000_000
	answer := replay(`{"result":{"result":[` + strings.TrimSuffix(strings.Repeat("true,", 50), ",") + `]}}`)
	b.Run("baseline", func(b *testing.B) {
		client := &http.Client{Transport: answer}
		streamed(b, n, func(count func()) {
			cmd := make([]string, 0, 50)
			for c := range updates(n) {
				count()
				if cmd = append(cmd, bareCommand(c)); len(cmd) == cap(cmd) {
					bareBatch(b, client, cmd)
					cmd = cmd[:0]
				}
			}
		})
	})
	b.Run("b24", func(b *testing.B) {
		h := replayHook(b, answer)
		streamed(b, n, func(count func()) {
			for _, err := range b24.StreamBatch(b.Context(), h, updates(n)) {
				if err != nil {
					b.Fatal(err)
				}
				count()
			}
		})
	})
}

// streamed measures a way to call n commands, which counts each.
func streamed(b *testing.B, n int, call func(count func())) {
	b.Helper()
	for b.Loop() {
		i, most := 0, uint64(0)
		call(func() {
			if i++; i%10_000 == 0 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		})
		if i != n || most > 64<<20 {
			b.Fatalf("%d commands, %d bytes of heap", i, most)
		}
		b.ReportMetric(float64(most)/(1<<20), "MiB-heap")
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/command")
}

func bareCommand(c b24.Command) string {
	values := url.Values{}
	for name, v := range c.Params.(b24.Params) {
		if fields, ok := v.(b24.Params); ok {
			for field, v := range fields {
				values.Set(name+"["+field+"]", fmt.Sprint(v))
			}
			continue
		}
		values.Set(name, fmt.Sprint(v))
	}
	return c.Method + "?" + values.Encode()
}

func bareBatch(b *testing.B, client *http.Client, cmd []string) {
	b.Helper()
	body, err := json.Marshal(map[string]any{"halt": 0, "cmd": cmd})
	if err != nil {
		b.Fatal(err)
	}
	resp, err := client.Post("https://acme.bitrix24.com/rest/1/s3cr3t/batch", "application/json", bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Result struct {
			Result []json.RawMessage `json:"result"`
		} `json:"result"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || len(answer.Result.Result) != len(cmd) {
		b.Fatal(err)
	}
}

func updates(n int) func(yield func(b24.Command) bool) {
	return func(yield func(b24.Command) bool) {
		for i := range n {
			if !yield(b24.Command{Method: "crm.deal.update", Params: b24.Params{"id": i, "fields": b24.Params{"STAGE_ID": "WON"}}}) {
				return
			}
		}
	}
}
