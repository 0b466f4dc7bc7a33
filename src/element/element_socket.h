// An element as a process of its own, behind a Unix socket that its owner alone may open: each APDU
// goes after its length in two bytes, big-endian, one there and one back. Who connects finds a card
// just put in; who leaves takes it out.
#pragma once

#include <stop_token>

#include "base/socket_file.h"
#include "element/enrolment_applet.h"

namespace intaglio::element {

// The element's side.
class ElementServer {
 public:
  // Makes the socket, of mode 600. One that nobody listens at any more is replaced; `port_taken`
  // when somebody does, `file_failed` when there is something else or it cannot be made,
  // `bad_value` for a path that is too long for a socket. The applet must outlive the server.
  static Result<std::unique_ptr<ElementServer>> listen(std::string path, EnrolmentApplet& applet);
  ~ElementServer();  // removes the socket
  ElementServer(const ElementServer&) = delete;
  ElementServer& operator=(const ElementServer&) = delete;

  // Serves one client after another until it is asked to stop, which it notices within 0.1 s. Who
  // says nothing for `patience`, or sends no APDU, is left; the others wait meanwhile. One thread.
  void run(const std::stop_token& stop, Duration patience = seconds(10));

 private:
  ElementServer(std::string path, FileDescriptor socket, EnrolmentApplet& applet)
      : path_(std::move(path)), socket_(std::move(socket)), applet_(applet) {}
  void serve(const FileDescriptor& client, const std::stop_token& stop, Duration patience);

  const std::string path_;
  const FileDescriptor socket_;
  EnrolmentApplet& applet_;
};

// The client's side.
class SocketChannel final : public ApduChannel {
 public:
  // `unreachable` when nobody listens there. `patience` is how long an answer may take (a slow
  // element signs within a second or two); then transmit() refuses with `timed_out`, and from then
  // on with `unreachable`: an answer that came late would be taken for the next one's.
  static Result<std::unique_ptr<SocketChannel>> connect(const std::string& path,
                                                        Duration patience = seconds(10));

 private:
  SocketChannel(FileDescriptor socket, Duration patience)
      : socket_(std::move(socket)), patience_(patience) {}
  Result<Bytes> carry(ByteView command) override;

  const FileDescriptor socket_;
  const Duration patience_;
  bool broken_ = false;
};

}  // namespace intaglio::element
