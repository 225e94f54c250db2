package b24

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"sync/atomic"
)

const clientSideWarning = "b24: this program runs in a browser and holds a webhook's secret, which every visitor can read; call the portal from a server"

// inBrowser reports whether the program may run in a browser.
const inBrowser = runtime.GOOS == "js"

// allowedHere removes the headers that a portal does not accept from a page of another origin,
// because the browser would not send the request at all (docs/protocol.md 1.4). The query contains
// the id as well.
func allowedHere(h http.Header) http.Header {
	delete(h, "X-Request-Id")
	delete(h, "User-Agent")
	return h
}

// clientSide warns once if the program is built for a browser.
type clientSide struct{ done atomic.Bool }

func (s *clientSide) off() { s.done.Store(true) }

func (s *clientSide) warn(ctx context.Context, l *logger) {
	if !inBrowser || s.done.Swap(true) {
		return
	}
	if l.enabled(ctx, slog.LevelWarn) {
		l.log(ctx, slog.LevelWarn, clientSideWarning)
		return
	}
	// This must be seen even without a logger. A browser shows it in its console.
	_, _ = fmt.Fprintln(os.Stderr, clientSideWarning)
}
