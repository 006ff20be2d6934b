// What a message is made of; seen by message*.cpp only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "headers_parse.hpp"
#include "message.hpp"
#include "pre_scan.hpp"

namespace phyllo::sip {

struct message::impl {
  // The texts that all views point into: the received bytes first. Copies of a message share them.
  std::vector<std::shared_ptr<const std::string>> texts;
  bool is_request = true;
  sip::method method = sip::method::other;
  std::string_view method_name;
  std::string_view uri_text;
  sip::uri request_uri;
  int status = 0;
  std::string_view phrase;
  std::vector<header_line> lines;
  std::string_view body;
  std::optional<refusal> defect;

  // Parsed on demand; an edit of the field clears its own. Not copied.
  struct parsed_values {
    home_ptr home;
    std::optional<address> from, to;
    std::optional<std::vector<via>> vias;
    std::optional<std::vector<address>> routes, record_routes, paths;
    std::optional<std::vector<contact>> contacts;
  };
  parsed_values parsed;

  [[nodiscard]] std::unique_ptr<impl> share() const;  // all but `parsed`

  su_home_t* home();
  std::string_view keep(std::string text);  // lives as long as the message and its copies

  [[nodiscard]] const header_line* first(field id) const noexcept;
  [[nodiscard]] std::size_t count(field id) const noexcept;
  // All values of a list field in order; false: one is malformed.
  [[nodiscard]] bool values(field id, std::vector<std::string_view>& out) const;

  // Each parses once. False: malformed somewhere; what is good is there.
  bool parse_vias();
  bool parse_addresses(field id, std::optional<std::vector<address>>& into);
  bool parse_contacts();
  bool parse_single(field id, std::optional<address>& into);

  header_line make_line(field id, std::string_view name, std::string_view value);
  void insert(std::size_t at, field id, std::string_view name, std::string_view value);
  void append(field id, std::string_view name, std::string_view value) { insert(lines.size(), id, name, value); }
  void replace(std::size_t at, std::string_view value);
  void erase(field id);
  void pop_values(field id, std::size_t count);                 // the first values of a list field
  [[nodiscard]] std::size_t index_of(field id) const noexcept;  // lines.size() when absent
  [[nodiscard]] std::size_t after_vias() const noexcept;
  void forget(field id);  // what was parsed of it
};

[[nodiscard]] std::string_view phrase_of(int status);  // the RFC's; "": it has none

// The text of a header field, on one line.
[[nodiscard]] std::string unfolded(std::string_view text);

}  // namespace phyllo::sip
