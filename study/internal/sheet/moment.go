package sheet

import (
	"fmt"
	"strings"
	"time"
)

// Moment reads a date, a time of day or both as ISO 8601 writes them, with or
// without seconds and a zone. A zone is left out, which zone tells: the clock
// time is the one that was meant at the place. Seconds are rounded to
// milliseconds, never cut.
func Moment(s string) (c Cell, zone, ok bool) {
	clockTime, zone := cutZone(s)
	if day, at, both := cutAny(clockTime, "T "); both && day != "" {
		if !isDay(day) {
			return Cell{}, zone, false
		}
		text, over, ok := clockOf(at)
		if !ok {
			return Cell{}, zone, false
		}
		if over { // 23:59:59.9996 is the next day
			t, _ := time.Parse("2006-01-02", day)
			day = t.AddDate(0, 0, 1).Format("2006-01-02")
		}
		if len(clockTime) == len(day)+1+len(text) && clockTime[len(day)] == 'T' && clockTime[len(day)+1:] == text && !over {
			return Cell{Kind: DateTime, Text: clockTime}, zone, true
		}
		return Cell{Kind: DateTime, Text: day + "T" + text}, zone, true
	}
	if isDay(clockTime) {
		return Cell{Kind: Date, Text: clockTime}, false, !zone
	}
	text, over, ok := clockOf(strings.TrimPrefix(clockTime, "T"))
	return Cell{Kind: Time, Text: text}, zone, ok && !over
}

// cutZone cuts a zone behind a time: Z, +02:00, +0200 or +02.
func cutZone(s string) (rest string, zone bool) {
	colon := strings.IndexByte(s, ':')
	if colon < 0 {
		return s, false
	}
	if rest, ok := strings.CutSuffix(s, "Z"); ok {
		return rest, true
	}
	i := strings.LastIndexAny(s, "+-")
	if i < colon {
		return s, false
	}
	z := strings.Replace(s[i+1:], ":", "", 1)
	if (len(z) == 2 || len(z) == 4) && strings.Trim(z, "0123456789") == "" {
		return s[:i], true
	}
	return s, false
}

func cutAny(s, signs string) (before, after string, found bool) {
	i := strings.IndexAny(s, signs)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// isDay reports whether s is a day of the calendar, 2006-01-02.
func isDay(s string) bool {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return false
	}
	y, m, d := digits(s[:4]), digits(s[5:7]), digits(s[8:])
	if y < 0 || m < 1 || m > 12 || d < 1 {
		return false
	}
	return d <= 28 || d <= time.Date(y, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// digits is a whole number of digits alone, −1 for others.
func digits(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return -1
		}
		n = 10*n + int(s[i]-'0')
	}
	return n
}

// clockOf reads a time of day, 15:04, 15:04:05 or 15:04:05.999. over: it rounds
// to midnight.
func clockOf(s string) (text string, over, ok bool) {
	whole, fraction, decimals := strings.Cut(s, ".")
	if len(whole) != 5 && len(whole) != 8 || whole[2] != ':' || decimals && (len(whole) == 5 || fraction == "" || len(fraction) > 18) {
		return "", false, false
	}
	h, m, sec := digits(whole[:2]), digits(whole[3:5]), 0
	if len(whole) == 8 {
		if sec = digits(whole[6:]); whole[5] != ':' {
			return "", false, false
		}
	}
	if h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 59 || digits(fraction[:min(len(fraction), 9)]) < 0 || strings.Trim(fraction, "0123456789") != "" {
		return "", false, false
	}
	if !decimals && len(whole) == 8 {
		return whole, false, true
	}
	ms := int64(h*3600+m*60+sec) * 1000
	nine := (fraction + "000000000")[:9]
	ms += (int64(digits(nine)) + 500_000) / 1_000_000
	if ms >= 24*3600*1000 {
		return Clock(ms - 24*3600*1000), true, true
	}
	return Clock(ms), false, true
}

// Clock writes milliseconds as hours, minutes and seconds, with decimals where
// there are.
func Clock(ms int64) string {
	s := fmt.Sprintf("%02d:%02d:%02d", ms/3600000, ms/60000%60, ms/1000%60)
	if ms%1000 > 0 {
		s += strings.TrimRight(fmt.Sprintf(".%03d", ms%1000), "0")
	}
	return s
}
