#include "chain/abci/server.h"

#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"

namespace intaglio::chain::abci {
namespace {

constexpr std::size_t kRead = std::size_t{64} << 10;   // bytes in one read
constexpr std::size_t kWrite = std::size_t{64} << 10;  // of answers that are written together
// What is still taken from somebody whose messages cannot be told any more, so that it comes to
// read why: a connection that is closed over unread bytes loses what was written last.
constexpr std::size_t kIgnored = std::size_t{256} << 20;
// Before somebody is let in again when that has failed, as it does without descriptors.
constexpr int kPauseMillis = 100;

// Bytes that have come; none at the end, or when the connection is gone.
std::size_t receive(int socket, std::span<std::uint8_t> into) {
  while (true) {
    const auto got = ::recv(socket, into.data(), into.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    return got < 0 ? 0 : static_cast<std::size_t>(got);
  }
}

bool send_all(int socket, ByteView bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

template <typename T>
Response answer_or_exception(Result<T> answer) {
  if (answer) return *std::move(answer);
  return Exception{to_string(answer.error())};
}

}  // namespace

// The three threads of a connection. The reader ends with what comes and closes the first queue;
// whoever executes empties that and closes the second; the writer empties that and says so to the
// other side. When nothing can be written any more it goes backwards: the queues are abandoned and
// the socket is shut. The last of the three closes it.
class Server::Connection {
 public:
  Connection(FileDescriptor socket, Application& application, Turns& turns,
             const ServerOptions& options)
      : socket_(std::move(socket)),
        application_(application),
        turns_(turns),
        max_message_(options.max_message),
        requests_(options.requests),
        answers_(options.answers),
        reader_([this] { read(); }),
        executor_([this] { execute(); }),
        writer_([this] { write(); }) {}

  ~Connection() {
    end();
    reader_.join();
    executor_.join();
    writer_.join();
  }

  bool is_over() const { return threads_ == 0; }

 private:
  // A request, or why what came is none; then it is the last.
  using Incoming = Result<Request>;
  struct Outgoing {
    Bytes bytes;
    bool is_flush = false;
  };

  void end() {
    requests_.abandon();
    answers_.abandon();
    shut(SHUT_RDWR);
  }
  void shut(int half) {
    const std::lock_guard lock(socket_mutex_);
    if (*socket_ >= 0) ::shutdown(*socket_, half);
  }
  // Each thread's last step.
  void leave() {
    const std::lock_guard lock(socket_mutex_);
    if (threads_ == 1) socket_ = FileDescriptor();
    --threads_;
  }

  void read() {
    MessageReader messages(max_message_);
    Bytes buffer(kRead);
    bool is_open = true;
    while (is_open) {
      const std::size_t got = receive(*socket_, buffer);
      if (got == 0) break;
      messages.add(ByteView(buffer).first(got));
      is_open = take_in(messages);
    }
    requests_.close();
    for (std::size_t ignored = 0; !is_open && ignored < kIgnored;) {
      const std::size_t got = receive(*socket_, buffer);
      if (got == 0) break;
      ignored += got;
    }
    leave();
  }

  // False when nothing more can be read.
  bool take_in(MessageReader& messages) {
    while (true) {
      auto message = messages.next();
      if (!message) {
        requests_.push(std::unexpected(std::move(message).error()), 0);
        return false;
      }
      if (!*message) return true;
      const std::size_t size = (*message)->size();
      Incoming request = decode_request(**message);
      // One of a later version is answered, and others may follow it.
      const bool is_last = !request && request.error().verdict != Verdict::unknown_field;
      if (!requests_.push(std::move(request), size) || is_last) return false;
    }
  }

  void execute() {
    while (const auto request = requests_.pop()) {
      Outgoing out;
      const Bytes message = encode_response(answer(*request));
      append_framed(out.bytes, message);
      out.is_flush = *request && std::holds_alternative<Flush>(**request);
      const std::size_t size = out.bytes.size();
      if (!answers_.push(std::move(out), size)) break;
    }
    answers_.close();
    leave();
  }

  Response answer(const Incoming& request) {
    if (!request) {
      log::warning("abci: {}", to_string(request.error()));
      return Exception{to_string(request.error())};
    }
    return std::visit([this](const auto& each) { return call(each); }, *request);
  }

  Response call(const Echo& request) { return EchoAnswer{request.message}; }
  Response call(const Flush&) { return FlushAnswer{}; }
  Response call(const Info& request) { return answer_or_exception(application_.info(request)); }
  Response call(const Query& request) { return answer_or_exception(application_.query(request)); }
  Response call(const CheckTx& request) {
    return in_turn(turns_.mempool, &Application::check_tx, request);
  }
  Response call(const InitChain& request) {
    return in_turn(turns_.consensus, &Application::init_chain, request);
  }
  Response call(const PrepareProposal& request) {
    return in_turn(turns_.consensus, &Application::prepare_proposal, request);
  }
  Response call(const ProcessProposal& request) {
    return in_turn(turns_.consensus, &Application::process_proposal, request);
  }
  Response call(const ExtendVote& request) {
    return in_turn(turns_.consensus, &Application::extend_vote, request);
  }
  Response call(const VerifyVoteExtension& request) {
    return in_turn(turns_.consensus, &Application::verify_vote_extension, request);
  }
  Response call(const FinalizeBlock& request) {
    return in_turn(turns_.consensus, &Application::finalize_block, request);
  }
  Response call(const Commit& request) {
    return in_turn(turns_.consensus, &Application::commit, request);
  }
  Response call(const ListSnapshots& request) {
    return in_turn(turns_.snapshots, &Application::list_snapshots, request);
  }
  Response call(const OfferSnapshot& request) {
    return in_turn(turns_.snapshots, &Application::offer_snapshot, request);
  }
  Response call(const LoadSnapshotChunk& request) {
    return in_turn(turns_.snapshots, &Application::load_snapshot_chunk, request);
  }
  Response call(const ApplySnapshotChunk& request) {
    return in_turn(turns_.snapshots, &Application::apply_snapshot_chunk, request);
  }

  template <typename Answer, typename Call>
  Response in_turn(std::mutex& turn, Result<Answer> (Application::*method)(const Call&),
                   const Call& request) {
    const std::lock_guard lock(turn);
    return answer_or_exception((application_.*method)(request));
  }

  // Answers that come together are written together, until one is waited for.
  void write() {
    Bytes waiting;
    bool is_written = true;
    while (is_written) {
      auto answer = answers_.try_pop();
      if (!answer && !waiting.empty()) {
        is_written = send_all(*socket_, std::exchange(waiting, {}));
        continue;
      }
      if (!answer) answer = answers_.pop();
      if (!answer) break;
      append(waiting, answer->bytes);
      if (answer->is_flush || waiting.size() >= kWrite) {
        is_written = send_all(*socket_, std::exchange(waiting, {}));
      }
    }
    if (is_written) {
      shut(SHUT_WR);
    } else {
      end();
    }
    leave();
  }

  std::mutex socket_mutex_;  // of closing it; until then all three threads use it
  FileDescriptor socket_;
  Application& application_;
  Turns& turns_;
  const std::size_t max_message_;
  BoundedQueue<Incoming> requests_;
  BoundedQueue<Outgoing> answers_;
  std::atomic<int> threads_ = 3;  // that have not come to their end
  std::thread reader_;
  std::thread executor_;
  std::thread writer_;
};

Server::Server(std::unique_ptr<Listener> listener, FileDescriptor wake, FileDescriptor wakes,
               Application& application, const ServerOptions& options)
    : listener_(std::move(listener)),
      wake_(std::move(wake)),
      wakes_(std::move(wakes)),
      application_(application),
      options_(options),
      thread_([this] { accept_connections(); }) {}

Result<std::unique_ptr<Server>> Server::start(const std::string& address, Application& application,
                                              const ServerOptions& options) {
  ASSIGN(auto listener, Listener::listen(address));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return refuse(Verdict::file_failed, "pipe");
  return std::unique_ptr<Server>(new Server(std::move(listener), FileDescriptor(ends[0]),
                                            FileDescriptor(ends[1]), application, options));
}

Server::~Server() { stop(); }

void Server::stop() {
  if (!thread_.joinable()) return;
  const std::uint8_t byte = 0;
  while (::write(*wakes_, &byte, 1) < 0 && errno == EINTR) {
  }
  thread_.join();
  const std::lock_guard lock(mutex_);
  connections_.clear();
}

std::size_t Server::connections() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::ranges::count_if(connections_, [](const auto& each) { return !each->is_over(); }));
}

void Server::accept_connections() {
  while (true) {
    pollfd polled[] = {{listener_->socket(), POLLIN, 0}, {*wake_, POLLIN, 0}};
    if (::poll(polled, 2, -1) < 0 && errno != EINTR) return;
    if (polled[1].revents != 0) return;
    if (polled[0].revents == 0) continue;
    FileDescriptor socket = listener_->accept();
    if (*socket < 0) ::poll(&polled[1], 1, kPauseMillis);
    const std::lock_guard lock(mutex_);
    std::erase_if(connections_, [](const auto& each) { return each->is_over(); });
    if (*socket < 0) continue;
    connections_.push_back(
        std::make_unique<Connection>(std::move(socket), application_, turns_, options_));
  }
}

}  // namespace intaglio::chain::abci
