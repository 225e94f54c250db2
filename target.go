package b24

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
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

// follow takes the portal's word for its new address, once a call: q can be sent
// again at once, for a redirect comes before the portal runs anything
// (protocol.md 1.3). Only scheme and host are taken, path and body stay ours.
func (c *client) follow(ctx context.Context, q *query, err error) bool {
	re, ok := errors.AsType[*RedirectError](err)
	if !ok || q.moved || q.once || !c.mayMoveTo(re) || ctx.Err() != nil {
		return false
	}
	q.moved = true
	old := c.target.Load()
	if old.origin != re.Origin && c.target.CompareAndSwap(old, newTarget(c.webhook, re.Origin)) {
		c.log.log(ctx, slog.LevelWarn, "b24: the portal moved",
			slog.String("from", old.origin), slog.String("to", re.Origin))
	}
	return true
}

// mayMoveTo: https only, for the secret goes along, and with the status of a
// redirect that can mean a renamed portal.
func (c *client) mayMoveTo(re *RedirectError) bool {
	switch re.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return strings.HasPrefix(re.Origin, "https://")
	default:
		return false
	}
}
