#include "stream_connection.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "addresses.hpp"
#include "phyllo/core/errc.hpp"

namespace phyllo::load {
namespace {

const sockaddr* native(const address& a) noexcept { return reinterpret_cast<const sockaddr*>(a.octets.data()); }

std::string said(int error) { return std::strerror(error); }

}  // namespace

stream_connection::stream_connection(const stream_settings& s, int socket) : settings_(s), socket_(socket) {}

stream_connection::~stream_connection() { ::close(socket_); }

core::result<std::unique_ptr<stream_connection>> stream_connection::begin(const stream_settings& s, const address& source) {
  const int fd = ::socket(family_of(s.target), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return core::fail(core::errc::io, fmt::format("a TCP socket: {}; is `ulimit -n` enough?", said(errno)));
  std::unique_ptr<stream_connection> out(new stream_connection(s, fd));
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  if (::bind(fd, native(source), source.size) != 0)
    return core::fail(core::errc::io, fmt::format("{} can not be a source: {}", to_text(source), said(errno)));
  if (::connect(fd, native(s.target), s.target.size) != 0 && errno != EINPROGRESS)
    return core::fail(core::errc::io, fmt::format("{}: {}", to_text(s.target), said(errno)));
  return out;
}

void stream_connection::carry_on() {
  if (stage_ == stage::connecting) connected();
  while (stage_ != stage::closed && stage_ != stage::connecting && read_socket()) {  // ends when nothing more is there
  }
  flush();
}

void stream_connection::connected() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return close(said(error));
  sockaddr_storage peer{};
  size = sizeof peer;
  if (::getpeername(socket_, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return;  // not yet
  if (settings_.tls == nullptr) return secured();
  auto made = transport::tls_engine::make_web_client(*settings_.tls, settings_.tls_options, settings_.host);
  if (!made) return close(made.error().message());
  tls_ = std::move(*made);
  stage_ = stage::securing;
  take_secure();
}

// TLS stands, or there is none.
void stream_connection::secured() {
  stage_ = stage::open;
  if (!is_websocket(settings_.kind)) return;
  stage_ = stage::upgrading;
  std::array<std::uint8_t, 16> nonce{};
  static_cast<void>(::getrandom(nonce.data(), nonce.size(), 0));
  websocket_.emplace(settings_.host, settings_.path, nonce);
  write_plain(websocket_->take_output());
}

bool stream_connection::read_socket() {
  std::array<char, 16'384> buffer;
  const auto n = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (n <= 0) {
    close(n == 0 ? "the server closed the connection" : said(errno));
    return false;
  }
  take({buffer.data(), static_cast<std::size_t>(n)});
  return static_cast<std::size_t>(n) == buffer.size();
}

void stream_connection::take(std::string_view octets) {
  if (!tls_) return take_plain(octets);
  tls_->feed(core::as_bytes(octets));
  take_secure();
}

void stream_connection::take_secure() {
  if (stage_ == stage::securing) {
    const auto done = tls_->handshake();
    take_engine_output();
    if (!done) {
      flush();
      return close(done.error().message());
    }
    if (!tls_->established()) return;
    secured();
  }
  std::array<std::uint8_t, 16'384> buffer;
  while (stage_ != stage::closed) {  // ends when TLS holds nothing more
    const auto n = tls_->read(buffer);
    take_engine_output();
    if (!n) return close(n.error().message());
    if (*n == 0) return;
    take_plain(core::as_text(core::byte_view(buffer).first(*n)));
  }
}

void stream_connection::take_engine_output() {
  for (const auto& octets : tls_->take_output()) output_.append(core::as_text(octets));
}

void stream_connection::take_plain(std::string_view octets) {
  if (websocket_) {
    websocket_->feed(octets);
    if (stage_ != stage::upgrading) return;
    const auto p = websocket_->next();
    if (p.what == websocket_client::event::opened) stage_ = stage::open;
    if (p.what == websocket_client::event::closed) close(std::string(p.text));
    return;
  }
  framing_.feed(core::as_bytes(octets));
}

std::optional<std::string_view> stream_connection::next_message() {
  while (websocket_ && stage_ == stage::open) {  // ends with a message, or when there is none
    const auto p = websocket_->next();
    if (p.what == websocket_client::event::message) return p.text;
    if (p.what == websocket_client::event::closed) close(std::string(p.text));
    if (const auto pong = websocket_->take_output(); !pong.empty()) write_plain(pong);
    if (p.what == websocket_client::event::need_more) return std::nullopt;
  }
  while (!websocket_ && stage_ == stage::open) {  // likewise
    const auto f = framing_.next();
    using event = sip::stream_framing::event;
    if (f.what == event::message) return f.text;
    if (f.what == event::need_more) return std::nullopt;
    if (f.what == event::ping) write_plain("\r\n");
    if (f.what == event::too_large || f.what == event::broken) close("what the server sends is no SIP");
  }
  return std::nullopt;
}

void stream_connection::send(std::string_view message) {
  if (stage_ != stage::open) return;
  if (!websocket_) return write_plain(message);
  websocket_->send(message);
  write_plain(websocket_->take_output());
}

void stream_connection::write_plain(std::string_view octets) {
  if (!tls_) {
    output_.append(octets);
    return;
  }
  if (auto done = tls_->write(core::as_bytes(octets)); !done) close(done.error().message());
  take_engine_output();
}

void stream_connection::flush() {
  while (sent_ < output_.size()) {  // ends when the socket takes no more
    const auto n = ::send(socket_, output_.data() + sent_, output_.size() - sent_, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n < 0) {
      close(said(errno));
      return;
    }
    sent_ += static_cast<std::size_t>(n);
  }
  output_.clear();
  sent_ = 0;
}

void stream_connection::close(std::string why) {
  if (stage_ == stage::closed) return;
  stage_ = stage::closed;
  why_ = std::move(why);
  output_.clear();
  sent_ = 0;
}

}  // namespace phyllo::load
