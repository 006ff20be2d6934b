// A WebSocket's client side (RFC 6455) as far as SIP uses it (RFC 7118): the opening handshake, and frames both ways. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace phyllo::load {

class websocket_client {
 public:
  enum class event : std::uint8_t {
    need_more,
    opened,   // the server has agreed
    message,  // `text` is one whole message
    closed,   // by the server, or because it broke the protocol; `text` says why
  };
  struct piece {
    event what = event::need_more;
    std::string_view text;  // valid until the next call
  };
  static constexpr std::size_t message_bytes_max = 64 * 1024;
  static constexpr std::size_t answer_bytes_max = 16 * 1024;  // of the handshake

  // `nonce`: 16 random octets.
  websocket_client(std::string_view host, std::string_view path, const std::array<std::uint8_t, 16>& nonce);

  [[nodiscard]] std::string take_output() { return std::exchange(output_, {}); }
  void feed(std::string_view octets) { input_.append(octets); }
  [[nodiscard]] piece next();  // until it says need_more or closed
  void send(std::string_view text);

 private:
  struct frame {
    std::uint8_t first = 0;  // FIN and opcode
    std::string_view payload;
  };
  enum class cut : std::uint8_t { need_more, whole, broken };
  [[nodiscard]] piece opening();
  [[nodiscard]] cut next_frame(frame& out);
  [[nodiscard]] piece taken(const frame& f);
  [[nodiscard]] piece broken(std::string_view why);
  void add_frame(std::uint8_t opcode, std::string_view payload);
  [[nodiscard]] std::string_view rest() const noexcept { return std::string_view(input_).substr(taken_); }

  std::string accept_;  // what the server must say
  std::string input_, output_, message_;
  std::size_t taken_ = 0;  // of input_
  bool open_ = false;
  bool closed_ = false;
  bool whole_ = true;  // message_ is: the next data frame begins one
  std::uint32_t mask_ = 0x5bd1e995;
};

}  // namespace phyllo::load
