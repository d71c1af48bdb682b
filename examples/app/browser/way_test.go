package browser

import "testing"

func TestExample(t *testing.T) {
	p := open(t, 1440, 900)
	p.shoot("open-1440")
	p.click("#example")
	p.on("ask")
	p.shoot("ask-1440")
	p.click("#go-read")
	p.on("read")
	p.shoot("read-1440")
	p.click("#go-take")
	p.on("take")
	p.shoot("take-1440")
}
