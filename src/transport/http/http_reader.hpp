// One HTTP/1.1 message out of a byte stream (http-parser), within limits; pure.
#pragma once

#include <http_parser.h>

#include <optional>

#include "phyllo/transport/http.hpp"

namespace phyllo::transport {

class http_reader {
 public:
  enum class refusal { none, malformed, header_too_large, body_too_large };
  static constexpr std::size_t headers_max = 128;

  http_reader(http_parser_type type, std::size_t header_bytes_max, std::size_t body_bytes_max);
  http_reader(const http_reader&) = delete;  // the parser points back
  http_reader& operator=(const http_reader&) = delete;

  void expect_no_body() noexcept { bodiless_ = true; }  // the answer to HEAD

  // How much of `data` belongs to this message; less than all once complete (pipelining) or refused.
  std::size_t feed(core::byte_view data);
  void finish();  // the peer's end: completes a body without length

  [[nodiscard]] bool headers_complete() const noexcept { return headers_complete_; }
  [[nodiscard]] bool complete() const noexcept { return complete_; }
  [[nodiscard]] refusal refused() const noexcept { return refusal_; }
  [[nodiscard]] bool keep_alive() const noexcept { return keep_alive_; }
  [[nodiscard]] bool upgrade() const noexcept { return parser_.upgrade != 0; }  // another protocol is asked for

  [[nodiscard]] http_request take_request();                        // complete
  [[nodiscard]] http_response take_response();                      // complete
  [[nodiscard]] std::string header(const std::string& name) const;  // lower case; empty: absent

 private:
  static const http_parser_settings& settings();
  static http_reader& of(http_parser* p) { return *static_cast<http_reader*>(p->data); }
  int on_header_field(std::string_view part);
  int on_header_value(std::string_view part);
  int on_headers_complete();
  int on_body(std::string_view part);
  void end_header();
  void take_host();
  int refuse(refusal why) noexcept;

  http_parser parser_{};
  std::size_t header_bytes_max_;
  std::size_t body_bytes_max_;
  std::size_t header_bytes_ = 0;
  std::string target_;
  std::string field_;
  std::string value_;
  bool in_value_ = false;
  std::map<std::string, std::string> headers_;
  std::string body_;
  bool bodiless_ = false;
  bool headers_complete_ = false;
  bool complete_ = false;
  bool keep_alive_ = false;
  refusal refusal_ = refusal::none;
};

}  // namespace phyllo::transport
