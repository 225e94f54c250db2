package b24

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
)

// target is where a portal is now. A cloud portal can be renamed at any time.
type target struct {
	origin string
	base   func(api) string // address of the methods; a closure, for it holds the secret
}

func newTarget(w webhook, origin string) *target {
	v2, v3 := origin+w.path(""), origin+w.path("api/")
	return &target{origin: origin, base: func(a api) string {
		if a == apiV3 {
			return v3
		}
		return v2
	}}
}

// pointsTo returns the origin that a redirect of q points to; empty: it names no host.
// It is the new address of a renamed portal if the path is none of its own: a redirect
// to a page, a login or a notice of maintenance, means something else.
func (c *client) pointsTo(q *query, location string) (origin string, renamed bool) {
	from, err := url.Parse(c.url(q)) // its error is never shown
	if err != nil {
		return "", false
	}
	to, err := url.Parse(location)
	if err != nil || to.Host == "" || !validHost(to) {
		return "", false
	}
	if to.Scheme == "" {
		to.Scheme = from.Scheme
	}
	path := strings.TrimSuffix(to.Path, "/") + "/"
	return originOf(to), strings.HasPrefix(strings.TrimSuffix(from.Path, "/")+"/", path)
}

// follow takes the portal's word for its new address, once a call: q can be sent
// again at once, for a redirect comes before the portal runs anything
// (protocol.md 1.3). Only scheme and host are taken, path and body stay ours.
func (c *client) follow(ctx context.Context, q *query, err error) bool {
	re, ok := errors.AsType[*RedirectError](err)
	if !ok || q.moved != nil || q.once || !re.mayFollow() || ctx.Err() != nil {
		return false
	}
	q.moved = newTarget(c.webhook, re.renamed())
	return true
}

// mayFollow: https only, for the secret goes along, and with the status of a
// redirect that can mean a renamed portal.
func (e *RedirectError) mayFollow() bool {
	switch e.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return e.renamed != nil && strings.HasPrefix(e.renamed(), "https://")
	default:
		return false
	}
}

// at is where q goes.
func (c *client) at(q *query) *target {
	if q.moved != nil {
		return q.moved
	}
	return c.target.Load()
}

// settleAt remembers a new address once a portal answered from there: anybody else must
// not keep the calls to come.
func (c *client) settleAt(ctx context.Context, q *query, err error) {
	if q.moved == nil {
		return
	}
	if _, answered := errors.AsType[*Error](err); err != nil && !answered {
		return
	}
	old := c.target.Load()
	if old.origin != q.moved.origin && c.target.CompareAndSwap(old, q.moved) {
		c.log.log(ctx, slog.LevelWarn, "b24: the portal moved",
			slog.String("from", old.origin), slog.String("to", q.moved.origin))
	}
}
