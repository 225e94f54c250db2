package proof_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

// deal is what the benchmarks read.
type deal struct {
	ID          string `json:"ID"`
	Title       string `json:"TITLE"`
	Stage       string `json:"STAGE_ID"`
	Opportunity string `json:"OPPORTUNITY"`
	Opened      string `json:"OPENED"`
	Begin       string `json:"BEGINDATE"`
}

const dealAnswer = `{"result":{"ID":"12","TITLE":"Order 12","TYPE_ID":"SALE","STAGE_ID":"NEW","PROBABILITY":null,"CURRENCY_ID":"EUR",` +
	`"OPPORTUNITY":"1500.00","IS_MANUAL_OPPORTUNITY":"N","TAX_VALUE":"0.00","COMPANY_ID":"3","CONTACT_ID":"4","BEGINDATE":"2026-03-20T03:00:00+02:00",` +
	`"CLOSEDATE":"2026-04-20T03:00:00+02:00","OPENED":"Y","CLOSED":"N","COMMENTS":"","ASSIGNED_BY_ID":"1","CREATED_BY_ID":"1"},` +
	`"time":{"start":1774078200,"finish":1774078200.315271,"duration":0.31527090072631836,"processing":0.02,` +
	`"date_start":"2026-03-20T09:50:00+02:00","date_finish":"2026-03-20T09:50:00+02:00","operating_reset_at":1774078800,"operating":0}}`

func dealServer(b *testing.B) string {
	b.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = io.WriteString(w, dealAnswer)
	}))
	b.Cleanup(srv.Close)
	return srv.URL + "/rest/1/s3cr3t/"
}

// BenchmarkCall compares one call with its decoded answer against the same by
// bare net/http and encoding/json, both on the same server.
func BenchmarkCall(b *testing.B) {
	url := dealServer(b)
	b.Run("baseline", func(b *testing.B) {
		b.ReportAllocs()
		client := &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
		for b.Loop() {
			if d, err := bareCall(b, client, url+"crm.deal.get"); err != nil || d.ID != "12" {
				b.Fatal(d, err)
			}
		}
	})
	b.Run("b24", func(b *testing.B) {
		b.ReportAllocs()
		h, err := b24.FromWebhookURL(url)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if d, err := b24.Call[deal](b.Context(), h, "crm.deal.get", b24.Params{"id": 12}); err != nil || d.ID != "12" {
				b.Fatal(d, err)
			}
		}
	})
}

// Without a logger a call allocates nothing for logging: of all that is allocated,
// nothing comes from logger.go. With a logger something does, or the test would see nothing.
func TestSilentLogger(t *testing.T) { //nolint:paralleltest // it counts the allocations of the whole process
	assert.Zero(t, allocatedIn(t, "/logger.go", replayHook(t, []byte(dealAnswer))))
	var sink logSink
	loud := b24.WithLogger(sink.logger(b24.LevelPayload))
	assert.Positive(t, allocatedIn(t, "/logger.go", replayHook(t, []byte(dealAnswer), loud)))
}

// allocatedIn is how many objects the code of a file of the package allocated in 50 calls
// and 50 that fail, itself or by what it called.
func allocatedIn(t *testing.T, file string, h *b24.Hook) int64 {
	t.Helper()
	before := runtime.MemProfileRate
	runtime.MemProfileRate = 1 // every allocation is recorded
	defer func() { runtime.MemProfileRate = before }()
	count := func() (n int64) {
		runtime.GC()
		runtime.GC() // the profile is that of the collection before the last
		records := make([]runtime.MemProfileRecord, 1<<16)
		found, ok := runtime.MemProfile(records, true)
		require.True(t, ok, found)
		for _, record := range records[:found] {
			if comesFrom(record.Stack(), file) {
				n += record.AllocObjects
			}
		}
		return n
	}
	first := count()
	for range 50 {
		_, err := b24.Call[deal](t.Context(), h, "crm.deal.get", b24.Params{"id": 12})
		require.NoError(t, err)
		_, err = b24.Call[int](t.Context(), h, "crm.deal.get", b24.Params{"id": 12})
		require.Error(t, err)
	}
	return count() - first
}

// comesFrom reports whether a function of the package in that file is on the stack.
func comesFrom(stack []uintptr, file string) bool {
	of := reflect.TypeFor[b24.Hook]().PkgPath() + "."
	frames := runtime.CallersFrames(stack)
	for {
		frame, more := frames.Next()
		if strings.HasPrefix(frame.Function, of) && strings.HasSuffix(frame.File, file) {
			return true
		}
		if !more {
			return false
		}
	}
}

func bareCall(b *testing.B, client *http.Client, url string) (deal, error) {
	b.Helper()
	body, err := json.Marshal(map[string]any{"id": 12})
	if err != nil {
		return deal{}, err
	}
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return deal{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return deal{}, err
	}
	defer resp.Body.Close()
	var answer struct {
		Result deal `json:"result"`
	}
	err = json.NewDecoder(resp.Body).Decode(&answer)
	return answer.Result, err
}
