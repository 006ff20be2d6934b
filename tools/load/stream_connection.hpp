// One connection to a server, by TCP, TLS or WebSocket, on a socket that never blocks: it goes through its handshakes and then
// carries whole SIP messages.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "machine.hpp"
#include "options.hpp"
#include "phyllo/core/result.hpp"
#include "sip/stream_framing.hpp"
#include "transport/tls/tls_engine.hpp"
#include "websocket_client.hpp"

namespace phyllo::load {

struct stream_settings {
  address target;
  transport_kind kind = transport_kind::tcp;
  std::string host;  // as it was named: SNI, and the Host of WebSockets
  std::string path = "/";
  const transport::tls_context* tls = nullptr;  // where `kind` is secure
  transport::tls_client_options tls_options;
};

class stream_connection {
 public:
  // Begins to connect. core::errc::io: the system refuses.
  [[nodiscard]] static core::result<std::unique_ptr<stream_connection>> begin(const stream_settings& s, const address& source);
  ~stream_connection();
  stream_connection(const stream_connection&) = delete;
  stream_connection& operator=(const stream_connection&) = delete;

  [[nodiscard]] int socket() const noexcept { return socket_; }
  [[nodiscard]] bool established() const noexcept { return stage_ == stage::open; }
  [[nodiscard]] bool closed() const noexcept { return stage_ == stage::closed; }
  [[nodiscard]] const std::string& why() const noexcept { return why_; }  // it was closed
  [[nodiscard]] bool wants_to_write() const noexcept { return stage_ == stage::connecting || sent_ < output_.size(); }

  // The socket can be read or written: carries on as far as that goes.
  void carry_on();
  // The next whole message; nothing: none is there.
  [[nodiscard]] std::optional<std::string_view> next_message();
  void send(std::string_view message);
  void flush();

 private:
  enum class stage : std::uint8_t { connecting, securing, upgrading, open, closed };

  stream_connection(const stream_settings& s, int socket);
  void connected();
  void secured();
  void take_engine_output();
  bool read_socket();
  void take(std::string_view octets);  // from the socket
  void take_secure();
  void take_plain(std::string_view octets);  // what TLS held
  void write_plain(std::string_view octets);
  void close(std::string why);

  const stream_settings& settings_;
  int socket_;
  stage stage_ = stage::connecting;
  std::string why_;
  std::string output_;  // for the socket
  std::size_t sent_ = 0;
  std::unique_ptr<transport::tls_engine> tls_;
  std::optional<websocket_client> websocket_;
  sip::stream_framing framing_;
};

}  // namespace phyllo::load
