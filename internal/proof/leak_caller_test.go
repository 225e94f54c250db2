package proof_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// foreign is the secret of somebody else's webhook: only its place in an address gives it away.
const foreign = "f0reignmarker5z"

const foreignAddress = "https://other.bitrix24.com/rest/7/" + foreign + "/"

// A name that a caller makes up is printed as it is, so it must not be a secret.
func TestNamesThatAreSecretsAreRefused(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "profile", 1)
	for name, call := range map[string]func(text string) error{
		"method": func(text string) error {
			_, err := h.CallMethod(t.Context(), text, nil)
			return err
		},
		"part of a method": func(text string) error {
			_, err := h.V3().CallMethod(t.Context(), "tasks."+text+".get", nil)
			return err
		},
		"method of a list": func(text string) error {
			_, err := b24.Collect(b24.List[int](t.Context(), h, text, nil))
			return err
		},
		"method of a tail": func(text string) error {
			for _, err := range h.V3().FetchTail(t.Context(), text+".tail", nil) {
				return err
			}
			return nil
		},
		"method of no tail": func(text string) error {
			for _, err := range h.V3().FetchTail(t.Context(), text, nil) {
				return err
			}
			return nil
		},
		"method of a command": func(text string) error {
			_, err := h.CallBatch(t.Context(), b24.Commands{{Method: "profile"}, {Method: text}})
			return err
		},
		"method of a command of a stream": func(text string) error {
			for r, err := range b24.StreamBatch(t.Context(), h, slices.Values([]b24.Command{{Method: text}})) {
				assert.NotContains(t, fmt.Sprintf("%v %v", r, r.Query()), text)
				return err
			}
			return nil
		},
		"request id": func(text string) error {
			_, err := h.CallMethod(t.Context(), "profile", nil, b24.WithRequestID(text))
			return err
		},
		"request id of a batch": func(text string) error {
			_, err := h.CallBatch(t.Context(), b24.Commands{{Method: "profile"}}, b24.WithRequestID(text))
			return err
		},
		"request id of a list": func(text string) error {
			_, err := h.CallListMethod(t.Context(), "crm.deal.list", nil, b24.WithRequestID("x-"+text))
			return err
		},
		"name": func(text string) error {
			_, err := h.CallBatch(t.Context(), b24.Commands{{Method: "profile", Name: text}})
			return err
		},
		"name twice": func(text string) error {
			_, err := h.CallBatchByChunk(t.Context(), b24.Commands{{Method: "profile", Name: text}, {Method: "profile", Name: text}})
			return err
		},
		"name of no command": func(text string) error {
			_, err := h.CallBatch(t.Context(), b24.NamedCommands{text: {Method: "no method"}})
			return err
		},
		"name of a bad command": func(text string) error {
			_, err := h.CallBatch(t.Context(), b24.NamedCommands{text: {Method: "profile", Params: 7}})
			return err
		},
		"idempotency key": func(text string) error {
			_, err := h.V3().CallMethod(t.Context(), "tasks.task.add", nil, b24.WithIdempotencyKey(text))
			return err
		},
	} {
		for _, text := range []string{marker, foreignAddress} {
			before := len(p.Requests())

			err := call(text)

			var seen leaks
			require.ErrorIs(t, err, b24.ErrInvalidParams, "%s: %s", name, text)
			assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(err), name)
			assert.Len(t, p.Requests(), before, name)
			seen.addError(t, err)
			seen.check(t, marker, foreign)
		}
	}
}

// An id, a name and a key that only look a little like a secret are the caller's own.
func TestNamesThatAreNoSecretsAreTaken(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "profile", 1)
	p.V3().Handle("tasks.task.add", func(b24test.Request) (any, error) { return b24.Params{"item": 1}, nil })
	for _, text := range []string{"webhook:evt_1", "key=5", "token:refresh", "auth=none", "https://a.b/x/1/2/3", "rest/7", marker[:6]} {
		_, err := h.CallMethod(t.Context(), "profile", nil, b24.WithRequestID(text))
		require.NoError(t, err, text)
		r, err := h.CallBatch(t.Context(), b24.NamedCommands{text: {Method: "profile"}})
		require.NoError(t, err, text)
		_, ok := r.Get(text)
		assert.True(t, ok, text)
		_, err = h.V3().CallMethod(t.Context(), "tasks.task.add", nil, b24.WithIdempotencyKey(text))
		require.NoError(t, err, text)
	}
}

func TestUserAgentThatIsTheSecretIsRefused(t *testing.T) {
	t.Parallel()
	const address = "https://acme.bitrix24.com/rest/1/" + marker + "/"
	for _, agent := range []string{"sync " + marker, address, foreignAddress} {
		for _, made := range []func() error{
			func() error { _, err := b24.FromWebhookURL(address, b24.WithUserAgent(agent)); return err },
			func() error {
				_, err := b24.NewHook(b24.HookParams{URL: "acme.bitrix24.com", UserID: 1, Secret: b24.NewSecret(marker)}, b24.WithUserAgent(agent))
				return err
			},
		} {
			var seen leaks
			err := made()
			require.ErrorContains(t, err, "user agent: it holds a webhook's secret")
			seen.addError(t, err)
			seen.check(t, marker, foreign)
		}
	}
}

// A method that was never checked is not repeated either.
func TestUncheckedMethodsLeakNothing(t *testing.T) {
	t.Parallel()
	_, h := newPortal(t)
	for _, method := range []string{marker, foreignAddress + "crm.deal.add", "https://acme.bitrix24.com/rest/1/" + marker + "/crm.deal.add"} {
		var seen leaks
		var unsent, sent b24.Batch
		pending := unsent.Add(method, nil)
		for _, c := range []b24.Client{closed(t, h), h} {
			_, err := c.CallMethod(t.Context(), method, nil)
			seen.addError(t, err)
			_, err = c.CallListMethod(t.Context(), method, nil)
			seen.addError(t, err)
			_, err = c.CallBatch(t.Context(), b24.Commands{{Method: method}})
			seen.addError(t, err)
			for r, err := range b24.StreamBatch(t.Context(), c, slices.Values([]b24.Command{{Method: method}})) {
				seen.add(t, r)
				seen.ask(t, r.Query())
				seen.addError(t, err)
				seen.addError(t, r.Err())
				_, err = b24.Decode[int](r)
				seen.addError(t, err)
			}
			for _, err := range c.FetchListMethod(t.Context(), method, nil) {
				seen.addError(t, err)
			}
		}
		refused := sent.Add(method, nil)
		_, err := h.CallBatch(t.Context(), &sent)
		seen.addError(t, err)
		_, err = refused.Get()
		seen.addError(t, err)
		if method != marker { // of which no client knows that it is one
			_, err = pending.Get()
			seen.addError(t, err)
		}
		seen.check(t, marker, foreign)
	}
}

func closed(t *testing.T, h *b24.Hook) *b24.Hook {
	t.Helper()
	other, err := b24.FromWebhookURL(h.TargetOriginWithPath())
	require.NoError(t, err)
	require.NoError(t, other.Close())
	return other
}

// What was asked is masked by what the secret is, not only by the names beside it.
func TestPrintedQueriesLeakNothing(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	params := b24.Params{"fields": b24.Params{"TITLE": "at " + marker, "NOTE": p.WebhookURL(), marker: 1, "URL": foreignAddress}}
	answers(p, "crm.deal.add", 1)
	r, err := h.CallMethod(t.Context(), "crm.deal.add", params)
	require.NoError(t, err)
	b, err := h.CallBatch(t.Context(), b24.Commands{{Method: "crm.deal.add", Params: params}})
	require.NoError(t, err)
	for _, q := range []b24.Query{r.Query(), b.At(0).Query()} {
		assert.Contains(t, string(q.Params), marker, "what was sent is there for who asks")
		var seen leaks
		for _, q := range []any{q, &q, []any{&q}, struct{ Q *b24.Query }{&q}} {
			seen.ask(t, q)
		}
		seen.check(t, marker, foreign)
		assert.Contains(t, fmt.Sprint(q), "at ***")
	}
}

// The reason for which a call was given up comes from the caller's context.
func TestReasonsToStopABatchLeakNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		answers(p, "batch", b24.Params{
			"result": b24.Params{}, "result_error": b24.Params{"0": b24.Params{"error": "QUERY_LIMIT_EXCEEDED", "error_description": "d"}},
		})
		for name, call := range map[string]func(ctx context.Context) error{
			"batch": func(ctx context.Context) error {
				_, err := h.CallBatch(ctx, b24.Commands{{Method: "crm.deal.add"}})
				return err
			},
			"stream": func(ctx context.Context) error {
				for _, err := range b24.StreamBatch(ctx, h, slices.Values([]b24.Command{{Method: "crm.deal.add"}})) {
					return err
				}
				return nil
			},
		} {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(100*time.Millisecond, func() { cancel(errors.New("asked by " + p.WebhookURL())) })

			err := call(ctx)

			var seen leaks
			require.ErrorIs(t, err, context.Canceled, name)
			assert.Contains(t, err.Error(), "asked by", name)
			seen.addError(t, err)
			seen.check(t, marker)
		}
	})
}

// decorated is a client of the caller's own around another.
type decorated struct{ b24.Client }

func (d decorated) FetchListMethod(ctx context.Context, method string, params any, opts ...b24.ListOption) iter.Seq2[[]json.RawMessage, error] {
	return d.Client.FetchListMethod(ctx, method, params, opts...)
}

// clients are the ways to come to one portal.
func clients(h *b24.Hook) map[string]b24.Client {
	return map[string]b24.Client{"hook": h, "rest 3": h.V3(), "decorated": decorated{h}, "decorated twice": &decorated{decorated{h.V3()}}}
}

// A row that cannot be decoded is quoted in part, wherever the quotation ends.
func TestRowsThatCannotBeDecodedLeakNothing(t *testing.T) {
	t.Parallel()
	const secret = "qzwxrtvpmqksgjhz" // no three of these are in an id or in a word
	p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithCredentials(1, secret))
	h := newHook(t, p)
	var rows any
	list := func(b24test.Request) (any, error) { return rows, nil }
	p.Handle("x.list", list)
	p.V3().Handle("x.list", list)
	for n := range 60 {
		text := strings.Repeat("x", n) + secret + strings.Repeat("y", 30)
		for _, page := range []any{
			[]any{b24.Params{"id": 1, "n": text}},
			[]any{b24.Params{"id": 1, "m": b24.Params{text: "no number"}}},
			[]any{b24.Params{"id": 1, "m": b24.Params{text: 7, strings.Repeat("z", 80): b24.Params{text: 8}}}},
			[]any{b24.Params{"id": 1, "t": text}},
			[]any{b24.Params{"id": 1, "n": p.WebhookURL() + text}},
		} {
			rows = page
			for name, c := range clients(h) {
				_, err := b24.Collect(b24.List[struct {
					N b24.Int                       `json:"n"`
					M b24.Map[b24.Map[b24.ID]]      `json:"m"`
					O map[string]map[string]b24.Int `json:"o"`
					T b24.DateTime                  `json:"t"`
				}](t.Context(), c, "x.list", nil, b24.WithPaging(b24.PagingOffset)))
				require.Error(t, err)
				assertNoPiece(t, err, secret, fmt.Sprint(name, n))
			}
		}
	}
}

// assertNoPiece wants no three characters of the secret in a row.
func assertNoPiece(t *testing.T, err error, secret, at string) {
	t.Helper()
	for text := range texts(err) {
		for i := range len(secret) - 2 {
			if strings.Contains(strings.ToLower(text), secret[i:i+3]) {
				t.Errorf("%s: a piece of the secret: %s", at, text)
				return
			}
		}
	}
}

// texts yields what err and all in its chain say.
func texts(err error) iter.Seq[string] {
	return func(yield func(string) bool) {
		for todo := []error{err}; len(todo) > 0; todo = todo[1:] {
			if todo[0] == nil {
				continue
			}
			if !yield(todo[0].Error()) || !yield(fmt.Sprintf("%+v %#v", todo[0], todo[0])) {
				return
			}
			switch e := todo[0].(type) { //nolint:errorlint // link by link
			case interface{ Unwrap() error }:
				todo = append(todo, e.Unwrap())
			case interface{ Unwrap() []error }:
				todo = append(todo, e.Unwrap()...)
			}
		}
	}
}

// The names that an answer has instead of the one asked for are quoted.
func TestNamesOfMembersLeakNothing(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	members := b24.Params{marker: "no date", "x" + marker: 2, p.WebhookURL(): 3, foreignAddress: 4, "a": 5}
	answers(p, "crm.item.get", b24.Params{"item": members, "list": []any{members}})
	r, err := h.CallMethod(t.Context(), "crm.item.get", nil)
	require.NoError(t, err)
	var batch b24.Batch
	first := batch.Add("crm.item.get", nil)
	batch.Add("crm.item.get", b24.Params{"id": first.Ref("item", marker, "x")})
	_, batchErr := h.CallBatch(t.Context(), &batch)
	require.ErrorIs(t, batchErr, b24.ErrReference)
	p.V3().Handle("crm.item.get", func(b24test.Request) (any, error) { return b24.Params{"items": []any{members}}, nil })
	var rest3 b24.Batch
	rows := rest3.Add("crm.item.get", nil)
	refused := rest3.Add("crm.item.get", b24.Params{"ids": rows.RefAll("x" + marker + "x")})
	_, allErr := h.V3().CallBatchByChunk(t.Context(), &rest3, b24.WithSingleCalls())
	require.ErrorIs(t, allErr, b24.ErrReference)
	_, refusedErr := refused.Get()
	_, callErr := b24.Call[int](t.Context(), h, "crm.item.get", nil, b24.WithResultKey(marker))
	for _, path := range [][]string{{"item", "no"}, {"item", marker, "no"}, {marker}, {"list", "0", p.WebhookURL(), "x"}, {foreignAddress}, {"list", "9"}} {
		_, err := b24.Decode[int](r, path...)
		for _, err := range []error{err, callErr, batchErr, allErr, refusedErr} {
			var seen leaks
			require.Error(t, err, "%q", path)
			seen.addError(t, err)
			seen.check(t, marker, foreign)
		}
	}
	_, err = b24.Decode[int](r, "item", "no")
	require.ErrorIs(t, err, b24.ErrNoResult)
	assert.ErrorContains(t, err, "item.no is not in it, only a, http")
	_, err = b24.Decode[b24.DateTime](r, "item", marker)
	assert.ErrorContains(t, err, "decode result.item.***: ")
}

// A page may write any character by its number.
func TestPagesWithEntitiesLeakNothing(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"&#%d;", "&#x%x;", "&#X%04X;", "&#%d", "&amp;#%d;", "%%26%%23%d%%3B"} {
		var spelled strings.Builder
		for _, c := range []byte(marker) {
			fmt.Fprintf(&spelled, format, c)
		}
		p, h := newPortal(t)
		for _, fault := range []b24test.Fault{
			b24test.Status(502, "<html>at /rest/1/"+spelled.String()+"/</html>"), b24test.Status(502, "<html>"+spelled.String()+"</html>"),
			b24test.Status(400, `{"error":"X","error_description":"`+spelled.String()+`"}`),
			b24test.Status(400, `{"error":"`+spelled.String()+`"}`),
		} {
			p.Fault("profile", fault)
			_, err := h.CallMethod(t.Context(), "profile", nil, b24.WithoutRetry())
			require.Error(t, err)
			assert.NotContains(t, err.Error(), spelled.String()[:len(spelled.String())/2])
			assert.NotContains(t, err.Error(), spelled.String()[len(spelled.String())/2:])
		}
	}
}

// A portal that is renamed to what happens to be the secret is followed, and not named.
func TestHostsThatAreTheSecretAreMasked(t *testing.T) {
	t.Parallel()
	for _, host := range []string{marker + ".bitrix24.com", "x." + strings.ToUpper(marker) + ".com"} {
		var seen leaks
		h, err := b24.FromWebhookURL("https://acme.bitrix24.com/rest/1/"+marker, b24.WithLogger(seen.all.logger(b24.LevelPayload)),
			b24.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
				if r.URL.Host == "acme.bitrix24.com" {
					return answered(http.StatusFound, http.Header{"Location": {"https://" + host + r.URL.Path}}, ""), nil
				}
				return answered(http.StatusOK, nil, `{"result":1}`), nil
			})}))
		require.NoError(t, err)

		_, err = h.CallMethod(t.Context(), "profile", nil)

		require.NoError(t, err)
		assert.Equal(t, "https://"+strings.ToLower(host), h.TargetOrigin())
		seen.add(t, h)
		seen.add(t, h.V3())
		seen.check(t, marker)
	}
}

// foreignClient is no client of this package: nobody knows what its secrets are.
type foreignClient struct{ b24.Client }

func (foreignClient) FetchListMethod(context.Context, string, any, ...b24.ListOption) iter.Seq2[[]json.RawMessage, error] {
	return func(yield func([]json.RawMessage, error) bool) {
		yield([]json.RawMessage{[]byte(`{"n":"see ` + foreignAddress + `"}`)}, nil)
	}
}

func (foreignClient) CallBatchByChunk(context.Context, b24.Calls, ...b24.CallOption) (*b24.BatchResult, error) {
	return nil, errors.New("no")
}

func TestClientsOfOthersLeakNoAddress(t *testing.T) {
	t.Parallel()
	var seen leaks
	_, err := b24.Collect(b24.List[struct{ N b24.Int }](t.Context(), foreignClient{}, foreignAddress, nil))
	require.ErrorContains(t, err, "cannot read")
	seen.addError(t, err)
	for r, err := range b24.StreamBatch(t.Context(), foreignClient{}, slices.Values([]b24.Command{{Method: foreignAddress}})) {
		seen.add(t, r)
		seen.addError(t, err)
	}
	seen.check(t, foreign)
}

// Outside of a call nobody knows the secrets, but what stands in an address is one.
func TestValuesThatCannotBeReadLeakNoAddress(t *testing.T) {
	t.Parallel()
	for n := range 60 {
		text, err := json.Marshal(strings.Repeat("x", n) + " " + foreignAddress + "crm.deal.list")
		require.NoError(t, err)
		var number b24.Int
		assertNoPiece(t, json.Unmarshal(text, &number), foreign, "value")
		var members b24.Map[b24.Int]
		assertNoPiece(t, json.Unmarshal([]byte(`{`+string(text)+`:"no number"}`), &members), foreign, "name")
	}
}

// A name that holds the secret is not shown, where it is not refused.
func TestNamesOfAStreamLeakNothing(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "profile", 1)
	var seen leaks
	for row, err := range b24.StreamBatch(t.Context(), h, slices.Values(b24.Commands{{Name: "of " + marker, Method: "profile"}, {Name: marker, Method: "no.such"}})) {
		seen.add(t, row)
		seen.ask(t, row.Query())
		seen.addError(t, err)
	}
	seen.check(t, marker)
	for _, r := range p.Requests() {
		assert.NotContains(t, fmt.Sprint(r.Params), marker)
	}
}
