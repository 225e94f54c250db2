package b24test

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/b24go/b24/b24test/internal/php"
)

// Result is a handler's result together with the other fields of the answer.
type Result struct {
	// Value becomes `result`.
	Value any
	// Total becomes `total`; nil leaves it out.
	Total *int
	// Next becomes `next`, the start of the next page; nil leaves it out.
	Next *int
	// Cost is the operating time of the call in addition to [WithOperatingCost].
	Cost time.Duration
	// Operating becomes `time.operating` in seconds; nil means the value of the portal's options.
	// It is reported but not counted.
	Operating *float64
	// OperatingResetAt becomes `time.operating_reset_at`; the zero time means the value of the
	// portal's options.
	OperatingResetAt time.Time

	work  work
	raw   *Raw   // the whole answer
	file  *reply // likewise
	fault *Fault // what goes wrong with the answer
}

// Raw is a complete answer as sent over HTTP: for recorded answers, and for answers that no portal
// should give.
type Raw struct {
	// Status is the HTTP status; 0 means 200.
	Status int
	// Header is added to the answer. If it has no Content-Type, the answer is application/json.
	Header http.Header
	// Body is sent byte for byte.
	Body string
}

// reply is what is sent back.
type reply struct {
	status  int
	header  http.Header
	body    []byte
	content *io.SectionReader // instead of the body: a file
	env     *php.Array        // instead of the body: the answer to a command of a batch
	fault   *Fault            // what goes wrong with the answer of a batch
}

// stream returns the body and its length.
func (rep reply) stream() (io.Reader, int64) {
	if rep.content != nil {
		return rep.content, rep.content.Size()
	}
	return bytes.NewReader(rep.body), int64(len(rep.body))
}

func jsonReply(status int, v any) reply {
	return reply{
		status: status,
		header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		body:   php.AppendJSON(nil, v),
	}
}

func htmlReply(status int) reply {
	text := strconv.Itoa(status) + " " + http.StatusText(status)
	return reply{
		status: status,
		header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		body: []byte("<html>\r\n<head><title>" + text + "</title></head>\r\n<body>\r\n<center><h1>" + text +
			"</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"),
	}
}

func (raw Raw) reply() reply {
	header := raw.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", "application/json; charset=utf-8")
	}
	status := raw.Status
	if status == 0 {
		status = http.StatusOK
	}
	return reply{status: status, header: header, body: []byte(raw.Body)}
}

// raw returns the reply as an answer for a handler to return.
func (rep reply) raw() Raw {
	return Raw{Status: rep.status, Header: rep.header, Body: string(rep.body)}
}

// resultOf returns the result for the value of a handler that did not fail.
func resultOf(value any) Result {
	switch v := value.(type) {
	case Raw:
		return Result{raw: &v}
	case *Raw:
		return Result{raw: v}
	case *Result:
		return *v
	case Result:
		return v
	}
	return Result{Value: value}
}

// success builds the answer of a handler that did not fail.
func (p *Portal) success(r *Request, res Result) reply {
	var rep reply
	switch {
	case res.raw != nil:
		rep = res.raw.reply()
	case res.file != nil:
		rep = *res.file
	default:
		rep = p.envelope(r, res)
	}
	rep.fault = res.fault
	return rep
}

func (p *Portal) envelope(r *Request, res Result) reply {
	value, err := php.FromGo(res.Value)
	if err != nil {
		return jsonReply(http.StatusOK, php.Object("error", "WRONG_ENCODING", "error_description", "Wrong request encoding"))
	}
	env := php.Object("result", value)
	if a, ok := value.(*php.Array); ok && r.Version == 2 {
		if saysError(a) {
			return jsonReply(http.StatusOK, a)
		}
		env.Set("result", cutOut(a, env))
	}
	if res.Next != nil {
		env.Set("next", php.Number(*res.Next))
	}
	if res.Total != nil {
		env.Set("total", php.Number(*res.Total))
	}
	env.Set("time", p.timing(r, res))
	if r.InBatch {
		return reply{env: env}
	}
	return jsonReply(http.StatusOK, env)
}

// saysError reports whether a method's own result looks like an error envelope, which then is the
// whole answer.
func saysError(a *php.Array) bool {
	code, _ := a.Get("error")
	text, _ := a.Get("error_description")
	return php.Truthy(code) && php.Truthy(text)
}

// cutOut moves next and total of a method's own result into the envelope, as integers, and returns
// the rest.
func cutOut(a, env *php.Array) *php.Array {
	total, hasTotal := a.Get("total")
	if next, _ := a.Get("next"); next == nil && !hasTotal {
		return a
	}
	a = a.Clone() // it may be a row of the portal
	if next, ok := a.Get("next"); ok && next != nil {
		a.Remove("next")
		env.Set("next", php.Number(php.Int(next)))
	}
	if hasTotal {
		a.Remove("total")
		env.Set("total", php.Number(php.Int(total)))
	}
	return a
}

func (p *Portal) timing(r *Request, res Result) *php.Array {
	const layout = "2006-01-02T15:04:05-07:00"
	now := time.Now().UTC()
	begin := r.Time.UTC()
	start, processing := seconds(begin), now.Sub(begin).Seconds()
	if p.cfg.wholeTime {
		start, processing = float64(begin.Unix()), float64(int(processing))
	}
	t := php.Object(
		"start", php.Decimal(start),
		"finish", php.Decimal(seconds(now)),
		"duration", php.Decimal(seconds(now)-start),
		"processing", php.Decimal(processing),
		"date_start", begin.Format(layout),
		"date_finish", now.Format(layout),
	)
	op := p.cfg.operating
	resetAt := res.OperatingResetAt
	if resetAt.IsZero() && !op.hidden {
		resetAt = now.Add(op.resetIn)
	}
	if !resetAt.IsZero() {
		t.Set("operating_reset_at", php.Number(int(resetAt.Unix())))
	}
	if res.Operating != nil {
		t.Set("operating", php.Decimal(*res.Operating))
	} else if !op.hidden {
		t.Set("operating", php.Decimal(op.seconds))
	}
	return t
}

func seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }
