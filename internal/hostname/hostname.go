// Package hostname tells whether two names are of one host.
package hostname

import (
	"bufio"
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// ASCII returns host, with or without a port, in lower case and with Punycode for what is not
// ASCII: портал.рф and xn--80awhdgm.xn--p1ai are one host. What cannot be written so stays.
func ASCII(host string) string {
	host = strings.ToLower(host)
	if isASCII(host) {
		return host
	}
	// net/http has the code, and shows it only in what it sends.
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
