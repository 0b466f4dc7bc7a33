// Server-sent events (WHATWG HTML, section 9.2) as text: written by the server, read by the client.
#pragma once

#include <deque>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace intaglio::http {

inline constexpr std::string_view kEventMediaType = "text/event-stream";

struct Event {
  std::string id;    // without line ends and U+0000; empty: none of its own
  std::string name;  // without line ends; empty reads as "message"
  std::string data;  // any text; lines end with LF
  bool operator==(const Event&) const = default;
};

// "id: 7\nevent: refresh\ndata: {...}\n\n". Line ends in id and name are left out; CR LF and CR in
// the data become LF. `data` always has at least one line, so that no event is lost on the way.
std::string to_text(const Event& event);

// A comment, which readers pass over: it tells both ends that the other is still there.
inline constexpr std::string_view kKeepAliveComment = ":\n\n";

// Takes a stream in pieces of any size. One thread.
class EventReader {
 public:
  explicit EventReader(std::size_t max_event_bytes = 256 * 1024) : limit_(max_event_bytes) {}

  // `too_large` when one event is above the limit: the stream cannot be read on.
  Result<void> push(ByteView piece);

  // Whether there is a whole event; then takes it. Its id is the last one sent, as browsers have
  // it.
  bool next(Event& out);

  const std::string& last_id() const { return last_id_; }

 private:
  Result<void> take_line();

  std::size_t limit_;
  std::string line_;
  bool at_start_ = true;  // a byte order mark may still come
  bool skip_lf_ = false;  // the line ended with CR, an LF belongs to it
  bool has_data_ = false;
  Event open_;
  std::string last_id_;
  std::deque<Event> whole_;
};

}  // namespace intaglio::http
