// Package hostname compares host names.
package hostname

import (
	"bufio"
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// ASCII returns host, with or without a port, in lower case, with Punycode for what is not ASCII:
// портал.рф and xn--80awhdgm.xn--p1ai are the same host. A name that cannot be encoded is only
// lowercased.
func ASCII(host string) string {
	host = strings.ToLower(host)
	if isASCII(host) {
		return host
	}
	// net/http implements Punycode, but exposes it only in the requests it sends.
	var sent bytes.Buffer
	out := http.Request{Method: http.MethodGet, URL: &url.URL{Scheme: "https", Host: host}}
	if out.Write(&sent) != nil {
		return host
	}
	in, err := http.ReadRequest(bufio.NewReader(&sent))
	if err != nil || in.Host == "" {
		return host
	}
	return in.Host
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
