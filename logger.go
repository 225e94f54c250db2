package b24

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"
)

// LevelPayload is the level of records that carry parameters and answers, with secrets masked. It
// is below [slog.LevelDebug], so customers' data is logged only if you ask for it.
const LevelPayload = slog.LevelDebug - 4

// logger passes records to the user's slog.Logger. A handler that panics must not fail a call, so
// all access goes through logger.
type logger struct{ p atomic.Pointer[slog.Logger] }

func orSilent(l *slog.Logger) *slog.Logger {
	if l == nil {
		return slog.New(slog.DiscardHandler)
	}
	return l
}

func (l *logger) set(to *slog.Logger) { l.p.Store(orSilent(to)) }

func (l *logger) get() *slog.Logger { return l.p.Load() }

// enabled is checked before attributes are created, so that a silent logger costs nothing.
func (l *logger) enabled(ctx context.Context, level slog.Level) (on bool) {
	defer func() {
		if recover() != nil {
			on = false
		}
	}()
	return l.get().Enabled(ctx, level)
}

func (l *logger) log(ctx context.Context, level slog.Level, event string, attrs ...slog.Attr) {
	defer func() { _ = recover() }()
	l.get().LogAttrs(ctx, level, event, attrs...) //nolint:sloglint // the events are constants of this package
}

// logParams logs what is sent, at LevelPayload.
func (c *client) logParams(ctx context.Context, q *query) {
	if !c.log.enabled(ctx, LevelPayload) {
		return
	}
	c.log.log(ctx, LevelPayload, "b24: parameters",
		slog.String("method", q.method),
		slog.String("request_id", q.requestID),
		slog.String("params", c.secrets.Snippet(q.payload(), payloadLimit)))
}

// payload returns what is sent, with the commands of a batch as objects, because secrets are
// recognized by the names of members.
func (q *query) payload() []byte {
	if q.jobs == nil {
		return q.body
	}
	b := []byte{'['}
	for i, j := range q.jobs {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(quote(append(b, `{"method":`...), j.method), `,"params":`...)
		b = append(append(b, j.params...), '}')
	}
	return append(b, ']')
}

// logWait logs a wait before a repeat.
func (c *client) logWait(ctx context.Context, q *query, d time.Duration, err error) {
	if !c.log.enabled(ctx, slog.LevelDebug) {
		return
	}
	c.log.log(ctx, slog.LevelDebug, "b24: wait before a repeat",
		slog.String("method", q.method),
		slog.String("request_id", q.requestID),
		slog.Int("attempt", q.attempts),
		slog.Duration("wait", d),
		slog.String("error", err.Error()))
}

// logAlone logs, once per method, why its commands are slow: each is sent as a separate request.
func (c *client) logAlone(ctx context.Context, j *job) {
	if !c.log.enabled(ctx, slog.LevelWarn) {
		return
	}
	if _, told := c.slow.LoadOrStore(j.method, true); told {
		return
	}
	attrs := []slog.Attr{slog.String("method", j.method)}
	if pe, ok := errors.AsType[*ParamsError](j.alone); ok {
		attrs = append(attrs, slog.String("param", pe.Param), slog.String("reason", pe.Problem))
	}
	c.log.log(ctx, slog.LevelWarn, "b24: commands are sent one by one", attrs...)
}

// payloadLimit is the maximum length of a logged body, in characters.
const payloadLimit = 5000

// logAnswer logs the end of an attempt. Failures are warnings, because final ones reach the caller
// as errors, who decides how severe they are.
func (c *client) logAnswer(ctx context.Context, q *query, r *answer, err error, took time.Duration) {
	level := slog.LevelDebug
	if err != nil {
		level = slog.LevelWarn
	}
	if !c.log.enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", q.method),
		slog.String("request_id", q.requestID),
		slog.Int("attempt", q.attempts),
		slog.Duration("duration", took),
	}
	if err != nil {
		c.log.log(ctx, level, "b24: request failed", append(attrs,
			slog.String("outcome", OutcomeOf(err).String()), slog.String("error", err.Error()))...)
		return
	}
	c.log.log(ctx, level, "b24: request done", append(attrs, slog.Int("status", r.status))...)
	if c.log.enabled(ctx, LevelPayload) {
		c.log.log(ctx, LevelPayload, "b24: answer",
			slog.String("method", q.method),
			slog.String("request_id", q.requestID),
			slog.String("result", c.secrets.Snippet(r.env.Result, payloadLimit)))
	}
}
