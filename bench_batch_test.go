package b24_test

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

func replayHook(b *testing.B, body []byte) *b24.Hook {
	b.Helper()
	h, err := b24.FromWebhookURL("https://acme.bitrix24.com/rest/1/s3cr3t/",
		b24.WithHTTPClient(&http.Client{Transport: replay(body)}), b24.WithPlan(b24.PlanUnlimited))
	if err != nil {
		b.Fatal(err)
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

// BenchmarkStreamBatch calls 1,000,000 commands and reports the most heap in use.
func BenchmarkStreamBatch(b *testing.B) {
	h := replayHook(b, []byte(`{"result":{"result":[`+strings.TrimSuffix(strings.Repeat("true,", 50), ",")+`]}}`))
	for b.Loop() {
		const n = 1_000_000
		i, most := 0, uint64(0)
		for _, err := range b24.StreamBatch(b.Context(), h, updates(n)) {
			if err != nil {
				b.Fatal(err)
			}
			if i++; i%100_000 == 0 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
		if i != n {
			b.Fatal(i)
		}
		b.ReportMetric(float64(most)/(1<<20), "MiB-heap")
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
