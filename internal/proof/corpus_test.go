package proof_test

import (
	"bufio"
	"encoding/json"
	"math/big"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// record is a line of testdata/responses.jsonl: an example of the official documentation.
type record struct {
	ID       string `json:"id"`
	Method   string `json:"method"`
	Version  string `json:"version"`
	Kind     string `json:"kind"`
	Status   *int   `json:"status"`
	Response string `json:"response_raw"`
	Request  *struct {
		Body json.RawMessage `json:"body"`
	} `json:"request"`
}

func records(t *testing.T) []record {
	t.Helper()
	file, err := os.Open("../../testdata/responses.jsonl")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, file.Close()) })
	var all []record
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r record
		require.NoError(t, json.Unmarshal(lines.Bytes(), &r))
		all = append(all, r)
	}
	require.NoError(t, lines.Err())
	return all
}

// call serves the record and returns what a call gets, and the record's answer taken apart by encoding/json.
func (r record) call(t *testing.T, status int) (got *b24.AjaxResult, want map[string]json.RawMessage, err error) {
	t.Helper()
	method := r.Method // two pages name none
	if !regexp.MustCompile(`^\w+(\.\w+)*$`).MatchString(method) {
		method = "corpus.record"
	}
	if r.Status != nil {
		status = *r.Status
	}
	require.NoError(t, json.Unmarshal([]byte(r.Response), &want), r.ID)
	p, h := newPortal(t)
	p.Fault("*", b24test.Status(status, r.Response))
	got, err = r.over(h).CallMethod(t.Context(), method, nil)
	assert.Equal(t, 1, p.Calls(method), r.ID)
	return got, want, err
}

// over is the client for the record's API version.
func (r record) over(h *b24.Hook) b24.Client {
	if r.Version == "v3" {
		return h.V3()
	}
	return h
}

func TestCorpus(t *testing.T) {
	t.Parallel()
	checked := map[string]int{}
	for _, r := range records(t) {
		switch r.Kind {
		case "success", "batch":
			checkSuccess(t, r)
		case "error":
			checkError(t, r)
		case "event", "placement", "oauth":
			checkNoAnswer(t, r)
		default:
			continue
		}
		checked[r.Version+" "+r.Kind]++
	}

	assert.Equal(t, map[string]int{ // 400 records
		"v2 success": 249, "v3 success": 32, "v2 batch": 2, "v2 error": 76, "v3 error": 4, "v2 event": 30, "v2 placement": 6, "v2 oauth": 1,
	}, checked)
}

// TestCorpusRequests sends what the documentation's own examples send.
func TestCorpusRequests(t *testing.T) {
	t.Parallel()
	sent := 0
	for _, r := range records(t) {
		if r.Request == nil || len(r.Request.Body) == 0 || string(r.Request.Body) == "null" {
			continue
		}
		p, h := newPortal(t)
		p.Fault("*", b24test.Status(200, `{"result":true}`))

		_, err := r.over(h).CallMethod(t.Context(), r.Method, r.Request.Body)

		if assert.NoError(t, err, r.ID) {
			assert.JSONEq(t, string(r.Request.Body), string(p.Requests()[0].RawBody), r.ID)
			sent++
		}
	}
	assert.Equal(t, 242, sent)
}

func checkSuccess(t *testing.T, r record) {
	t.Helper()
	got, want, err := r.call(t, 200)
	if !assert.NoError(t, err, r.ID) {
		return
	}
	assert.Equal(t, string(want["result"]), string(got.Raw()), r.ID)
	assert.Equal(t, r.Response, string(got.Body()), r.ID)
	assert.Equal(t, 200, got.Status(), r.ID)
	assert.NoError(t, got.Err(), r.ID)
	total, ok := got.Total()
	checkNumber(t, want, "total", b24.Null[int]{V: total, Valid: ok}, r.ID)
	next, ok := got.Next()
	checkNumber(t, want, "next", b24.Null[int]{V: next, Valid: ok}, r.ID)
	assert.Equal(t, ok, got.IsMore(), r.ID)
	checkTiming(t, want["time"], got.Time(), r.ID)
}

func checkNumber(t *testing.T, want map[string]json.RawMessage, name string, got b24.Null[int], id string) {
	t.Helper()
	raw, there := want[name]
	assert.Equal(t, there, got.Valid, "%s: %s", id, name)
	if there {
		var n int
		assert.NoError(t, json.Unmarshal(raw, &n), id)
		assert.Equal(t, n, got.V, "%s: %s", id, name)
	}
}

// checkTiming wants every part that was sent and no other, to the last digit that a microsecond of the clock and a nanosecond
// of a duration hold.
func checkTiming(t *testing.T, raw json.RawMessage, got b24.Timing, id string) {
	t.Helper()
	var sent map[string]any
	if raw != nil {
		dec := json.NewDecoder(strings.NewReader(string(raw)))
		dec.UseNumber()
		require.NoError(t, dec.Decode(&sent), id)
	}
	for name, part := range map[string]b24.Null[time.Time]{"start": got.Start, "finish": got.Finish, "operating_reset_at": got.OperatingResetAt} {
		if assertSent(t, sent, name, part.Valid, id) {
			assert.Equal(t, rounded(t, sent[name], time.Microsecond), part.V.UnixMicro(), "%s: %s", id, name)
		}
	}
	for name, part := range map[string]b24.Null[time.Duration]{"duration": got.Duration, "processing": got.Processing, "operating": got.Operating} {
		if assertSent(t, sent, name, part.Valid, id) {
			assert.Equal(t, rounded(t, sent[name], time.Nanosecond), part.V.Nanoseconds(), "%s: %s", id, name)
		}
	}
	for name, part := range map[string]b24.Null[b24.DateTime]{"date_start": got.DateStart, "date_finish": got.DateFinish} {
		if assertSent(t, sent, name, part.Valid, id) {
			assert.Equal(t, sent[name], part.V.Format("2006-01-02T15:04:05-07:00"), "%s: %s", id, name)
		}
	}
}

func assertSent(t *testing.T, sent map[string]any, name string, got bool, id string) bool {
	t.Helper()
	_, want := sent[name]
	return assert.Equal(t, want, got, "%s: %s", id, name) && got
}

// rounded is a number of seconds, exactly as written, in whole units.
func rounded(t *testing.T, seconds any, unit time.Duration) int64 {
	t.Helper()
	text, ok := seconds.(string)
	if n, isNumber := seconds.(json.Number); isNumber {
		text, ok = n.String(), true
	}
	require.True(t, ok, seconds)
	exact, ok := new(big.Rat).SetString(text)
	require.True(t, ok, text)
	exact.Mul(exact, big.NewRat(int64(time.Second/unit), 1))
	exact.Add(exact, big.NewRat(1, 2)) // none is negative
	return new(big.Int).Div(exact.Num(), exact.Denom()).Int64()
}

func checkError(t *testing.T, r record) {
	t.Helper()
	got, want, err := r.call(t, 400)
	assert.Nil(t, got, r.ID)
	var e *b24.Error
	if !assert.ErrorAs(t, err, &e, r.ID) {
		return
	}
	status := 400
	if r.Status != nil {
		status = *r.Status
	}
	sent := sentError(t, r, want)
	assert.Equal(t, sent.code, string(e.Code), r.ID)
	assert.Equal(t, sent.description, e.Description, r.ID)
	assert.Equal(t, sent.argument, e.Argument, r.ID)
	assert.Equal(t, sent.rows, e.Validation, r.ID)
	assert.Equal(t, status, e.Status, r.ID)
	assert.Equal(t, 1, e.Attempts, r.ID)
	assert.ErrorIs(t, err, b24.Code(strings.ToLower(sent.code)), r.ID)
	assert.Equal(t, e.Code.Is(b24.ErrCore), b24.MayHaveExecuted(err), r.ID) // no other documented one leaves it open
	assert.NotContains(t, err.Error(), "\n", r.ID)
	assert.Contains(t, err.Error(), sent.code, r.ID)
}

type sentFailure struct {
	code, description, argument string
	rows                        []b24.FieldError
}

// sentError reads the error of a record the way encoding/json does.
func sentError(t *testing.T, r record, want map[string]json.RawMessage) sentFailure {
	t.Helper()
	var v2 struct {
		Error       any    `json:"error"`
		Description string `json:"error_description"`
		Argument    string `json:"argument"`
	}
	var v3 struct {
		Error struct {
			Code       string `json:"code"`
			Message    string `json:"message"`
			Validation []struct {
				Field   string `json:"field"`
				Message string `json:"message"`
			} `json:"validation"`
		} `json:"error"`
	}
	require.Contains(t, want, "error", r.ID)
	if r.Version == "v3" {
		require.NoError(t, json.Unmarshal([]byte(r.Response), &v3), r.ID)
		sent := sentFailure{code: v3.Error.Code, description: v3.Error.Message}
		for _, row := range v3.Error.Validation {
			sent.rows = append(sent.rows, b24.FieldError(row))
		}
		return sent
	}
	dec := json.NewDecoder(strings.NewReader(r.Response))
	dec.UseNumber()
	require.NoError(t, dec.Decode(&v2), r.ID)
	code, ok := v2.Error.(string)
	if n, isNumber := v2.Error.(json.Number); isNumber {
		code, ok = n.String(), true
	}
	require.True(t, ok, r.ID)
	return sentFailure{code: code, description: v2.Description, argument: v2.Argument}
}

// checkNoAnswer: what is sent to an application's handlers, and what the authorisation server answers, is not a REST API answer.
func checkNoAnswer(t *testing.T, r record) {
	t.Helper()
	got, want, err := r.call(t, 200)
	assert.Nil(t, got, r.ID)
	assert.NotContains(t, want, "error", r.ID)
	var te *b24.TransportError
	if assert.ErrorAs(t, err, &te, r.ID) {
		assert.ErrorIs(t, err, b24.ErrBadResponse, r.ID)
		assert.Equal(t, 200, te.Status, r.ID)
		assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(err), r.ID)
	}
	for _, name := range []string{"access_token", "refresh_token", "AUTH_ID", "REFRESH_ID"} {
		var secret string
		if json.Unmarshal(want[name], &secret) == nil {
			assert.NotContains(t, err.Error(), secret, "%s: %s", r.ID, name)
		}
	}
}
