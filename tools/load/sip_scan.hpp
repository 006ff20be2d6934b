// What a phone's end of a load needs of a SIP message, found in one pass and as views of the text: the start line, the
// transaction's names, and whole lines that an answer repeats (RFC 3261 s.7, s.8.2.6.2). No message is judged.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace phyllo::load {

struct sip_scan {
  static constexpr std::size_t lines_max = 24;

  int status = 0;           // of a response; 0: a request
  std::string_view method;  // the start line's, or of a response the CSeq's
  std::string_view uri;     // of a request
  std::uint32_t cseq = 0;
  std::string_view call_id, from, to, cseq_line, call_id_line, from_line;  // lines: with their CRLF
  std::string_view contact;                                                // the first value
  std::string_view body;

  [[nodiscard]] std::span<const std::string_view> vias() const noexcept { return {vias_.data(), via_count_}; }               // lines
  [[nodiscard]] std::span<const std::string_view> record_routes() const noexcept { return {routes_.data(), route_count_}; }  // lines
  [[nodiscard]] std::span<const std::string_view> challenges() const noexcept { return {offers_.data(), offer_count_}; }     // values

  // False: no SIP message, or more Via or Record-Route lines than are kept.
  [[nodiscard]] bool read(std::string_view text) noexcept;

 private:
  [[nodiscard]] bool read_start(std::string_view line) noexcept;
  [[nodiscard]] bool read_field(std::string_view name, std::string_view value, std::string_view line) noexcept;
  void read_cseq(std::string_view value) noexcept;

  std::array<std::string_view, lines_max> vias_, routes_, offers_;
  std::size_t via_count_ = 0, route_count_ = 0, offer_count_ = 0;
};

// The value of a parameter of a header field's value, ";tag=x"; empty: it has none.
[[nodiscard]] std::string_view parameter_of(std::string_view value, std::string_view name) noexcept;
// The URI of "name <uri>;p", or of "uri;p".
[[nodiscard]] std::string_view uri_of(std::string_view value) noexcept;
// Appends Route lines for a dialog of the caller's: the Record-Route values of a response, the last first (RFC 3261 s.12.1.2).
void append_routes(std::string& to, const sip_scan& response);

}  // namespace phyllo::load
