package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// desk is the form at a fake portal, with its log.
type desk struct {
	*b24test.Portal

	form *form
	log  bytes.Buffer
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{Portal: b24test.NewPortal(t)}
	hook, err := b24.FromWebhookURL(d.WebhookURL(), b24.WithHTTPClient(d.HTTPClient()), b24.WithTimeout(attempt))
	require.NoError(t, err)
	d.form, err = newForm(hook, slog.New(slog.NewTextHandler(&d.log, nil)))
	require.NoError(t, err)
	return d
}

// send sends a form and returns the status and the page.
func (d *desk) send(t *testing.T, values url.Values) (status int, page string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	d.form.ServeHTTP(w, r)
	assert.NotContains(t, w.Body.String()+d.log.String(), d.Secret())
	return w.Code, w.Body.String()
}

// entered is what Ann entered, on a page of its own.
func entered() url.Values {
	return url.Values{"key": {rand.Text()}, "name": {"Ann"}, "phone": {"+491701234"}, "email": {"ann@example.com"}}
}

func TestASubmission(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	values := entered()

	status, page := d.send(t, values)

	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, page, "Thank you")
	require.Len(t, d.Rows("crm.lead"), 1)
	lead := d.Rows("crm.lead")[0]
	assert.Equal(t, "Ann", lead["NAME"])
	assert.Equal(t, values.Get("key"), lead["ORIGIN_ID"])
	assert.Equal(t, originator, lead["ORIGINATOR_ID"])
	assert.Equal(t, "Y", lead["HAS_PHONE"])
	assert.Equal(t, "Y", lead["HAS_EMAIL"])
	assert.Empty(t, d.log.String())
}

func TestTheSameFormTwice(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	values := entered()
	for range 2 {
		status, _ := d.send(t, values)
		assert.Equal(t, http.StatusOK, status)
	}
	values.Set("phone", "+1") // of the same page
	status, _ := d.send(t, values)
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, 1, d.Executed("crm.lead.add"))
}

func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.Fault("crm.lead.add", b24test.DelayAnswer(3*time.Second))
		same, other := entered(), entered() // a double click, and another page of the same person
		var all sync.WaitGroup
		for _, values := range []url.Values{same, same, other} {
			all.Go(func() {
				status, _ := d.send(t, values)
				assert.Equal(t, http.StatusOK, status)
			})
		}
		all.Wait()
		assert.Equal(t, 1, d.Executed("crm.lead.add"))
	})
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	phone := []b24.Params{{"VALUE": "+491701234"}}
	for name, test := range map[string]struct {
		entity           string
		row              b24.Params
		leads            int
		contact, company any
	}{
		"contact":   {"crm.contact", b24.Params{"ID": 5, "PHONE": phone}, 1, "5", nil},
		"company":   {"crm.company", b24.Params{"ID": 6, "EMAIL": []b24.Params{{"VALUE": "ann@example.com"}}}, 1, nil, "6"},
		"open lead": {"crm.lead", b24.Params{"ID": 7, "STATUS_SEMANTIC_ID": "P", "PHONE": phone}, 1, nil, nil},
		"converted": {"crm.lead", b24.Params{"ID": 7, "STATUS_SEMANTIC_ID": "S", "PHONE": phone}, 2, nil, nil},
		"lost":      {"crm.lead", b24.Params{"ID": 7, "STATUS_SEMANTIC_ID": "F", "PHONE": phone}, 2, nil, nil},
		"stranger":  {"crm.lead", b24.Params{"ID": 7, "STATUS_SEMANTIC_ID": "P", "PHONE": "+1"}, 2, nil, nil},
	} {
		d := newDesk(t)
		d.Seed(test.entity, test.row)

		status, _ := d.send(t, entered())

		assert.Equal(t, http.StatusOK, status, name)
		leads := d.Rows("crm.lead")
		require.Len(t, leads, test.leads, name)
		assert.Equal(t, test.contact, leads[len(leads)-1]["CONTACT_ID"], name)
		assert.Equal(t, test.company, leads[len(leads)-1]["COMPANY_ID"], name)
	}
}

// The lead exists, and the answer does not come: the program looks.
func TestALostAnswer(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]b24test.Fault{
		"reset": b24test.ResetAfter(), "cut": b24test.CutBody(20), "page": b24test.HTML(http.StatusBadGateway).Executed(), "slow": b24test.DelayAnswer(time.Minute),
	} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(t)
			d.Fault("crm.lead.add", fault)
			status, _ := d.send(t, entered())
			assert.Equal(t, http.StatusOK, status, name)
			assert.Equal(t, 1, d.Executed("crm.lead.add"), name)
		})
	}
}

// Nobody knows whether there is a lead: the visitor sends the form again, and there is one.
func TestALostAnswerAndALostLook(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]b24test.Fault{"created": b24test.ResetAfter(), "not created": b24test.HTML(http.StatusBadGateway)} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(t)
			values := entered()
			d.Fault("crm.lead.add", fault)
			d.Fault("batch", b24test.Pass(), b24test.Refuse(&b24.Error{Code: b24.ErrAccessDenied, Status: http.StatusForbidden})) // a list begins with one

			status, page := d.send(t, values)

			assert.Equal(t, http.StatusServiceUnavailable, status, name)
			assert.Contains(t, page, values.Get("key"), name)
			assert.Contains(t, page, `value="Ann"`, name)
			assert.Contains(t, d.log.String(), "form="+values.Get("key"), name)
			assert.NotContains(t, d.log.String(), "Ann", name)
			status, _ = d.send(t, values)
			assert.Equal(t, http.StatusOK, status, name)
			assert.Equal(t, 1, d.Executed("crm.lead.add"), name)
		})
	}
}

// A portal that is down, does not answer or refuses: the visitor is not kept longer than promised.
func TestThePortalIsDown(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]b24test.Fault{
		"down": b24test.ResetBefore(), "silent": b24test.Delay(time.Hour), "busy": b24test.QueryLimitExceeded(),
		"refuses": b24test.Refuse(&b24.Error{Code: b24.ErrAccessDenied, Status: http.StatusForbidden}),
	} {
		for _, method := range []string{"crm.lead.list", "crm.duplicate.findbycomm", "crm.lead.add"} {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t)
				d.Fault(method, fault.Always())
				start := time.Now()
				status, page := d.send(t, entered())
				assert.Equal(t, http.StatusServiceUnavailable, status, name)
				assert.Contains(t, page, "Please send it again", name)
				assert.LessOrEqual(t, time.Since(start), patience+lookup, name)
				assert.Contains(t, d.log.String(), "level=ERROR", name)
			})
		}
	}
}

// One that waits for others is not kept longer either.
func TestABusyForm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.form.turn <- struct{}{}
		start := time.Now()
		status, _ := d.send(t, entered())
		assert.Equal(t, http.StatusServiceUnavailable, status)
		assert.Equal(t, patience, time.Since(start))
		assert.Empty(t, d.Requests())
	})
}

// A filter that is ignored finds a stranger's lead: that is no lead of this form.
func TestAFilterThatIsIgnored(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Seed("crm.lead", b24.Params{"ID": 7, "ORIGIN_ID": "another"})
	d.Fault("crm.lead.list", b24test.FilterIgnored())
	status, _ := d.send(t, entered())
	assert.Equal(t, http.StatusServiceUnavailable, status)
	assert.Contains(t, d.log.String(), "which the filter excludes")
	assert.Zero(t, d.Calls("crm.lead.add"))
}

func TestAnIncompleteForm(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for name, test := range map[string]struct{ field, value, want string }{
		"no name":     {"name", " ", "enter your name"},
		"no key":      {"key", "", "too old"},
		"another key": {"key", "' OR 1", "too old"},
		"long":        {"name", strings.Repeat("x", 501), "too long"},
		"huge":        {"name", strings.Repeat("x", 20<<10), "could not be read"},
		"bytes":       {"name", "\xff", "no text"},
	} {
		values := entered()
		values.Set(test.field, test.value)
		status, page := d.send(t, values)
		assert.Equal(t, http.StatusBadRequest, status, name)
		assert.Contains(t, page, test.want, name)
	}
	values := entered()
	values.Del("phone")
	values.Set("email", "")
	values.Set("name", `<script>"`)
	status, page := d.send(t, values)
	assert.Equal(t, http.StatusBadRequest, status)
	assert.Contains(t, page, "a phone number or an e-mail")
	assert.NotContains(t, page, "<script>")
	assert.Empty(t, d.Requests())
}

func TestOtherMethods(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	keys := map[string]bool{}
	for range 2 {
		w := httptest.NewRecorder()
		d.form.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
		assert.Equal(t, http.StatusOK, w.Code)
		_, rest, _ := strings.Cut(w.Body.String(), `name="key" value="`)
		keys[rest[:26]] = true
	}
	assert.Len(t, keys, 2)
	w := httptest.NewRecorder()
	d.form.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/", nil))
	assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
	assert.Empty(t, d.Requests())
}

func TestRunOnTheFakePortal(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, w := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, w, []string{"-addr", "127.0.0.1:0"}, "") }()
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)

	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSpace(line), strings.NewReader(entered().Encode()))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	resp, err := client.Do(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, http.StatusOK, resp.StatusCode)

	cancel()
	assert.NoError(t, <-ended)
}

func TestRunBadArguments(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"what is": {"more"}, "not defined": {"-port", "1"}, "address": {"-addr", "nowhere:-1"},
	} {
		assert.ErrorContains(t, run(t.Context(), io.Discard, args, ""), want)
	}
	assert.NoError(t, run(t.Context(), io.Discard, []string{"-h"}, ""))
	assert.Error(t, run(t.Context(), io.Discard, nil, "no address"))
}
