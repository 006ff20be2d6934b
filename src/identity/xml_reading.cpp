#include "xml_reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "phyllo/identity/errc.hpp"

namespace phyllo::identity {
namespace {

// Iterative, so that depth costs no stack.
struct depth_check : pugi::xml_tree_walker {
  bool for_each(pugi::xml_node&) override { return depth() < nesting_max; }
};

bool is_text(const pugi::xml_node& n) { return n.type() == pugi::node_pcdata || n.type() == pugi::node_cdata; }

// A comment or CDATA parts a text in several nodes: they become one, which is what everybody reads.
struct text_joiner : pugi::xml_tree_walker {
  bool for_each(pugi::xml_node& n) override {
    pugi::xml_node first;
    std::string all;
    for (auto part = n.first_child(); part;) {
      const auto next = part.next_sibling();
      if (is_text(part)) {
        all += part.value();
        if (first) n.remove_child(part);
        if (!first) first = part;
      }
      part = next;
    }
    return !first || first.set_value(all.c_str());
  }
};

std::optional<unsigned> digits(std::string_view text, std::size_t at, std::size_t count) noexcept {
  if (at + count > text.size()) return std::nullopt;
  return to_number<unsigned>(text.substr(at, count));
}

// "", or a point and digits.
std::optional<std::chrono::nanoseconds> fraction(std::string_view text) noexcept {
  if (text.empty()) return std::chrono::nanoseconds(0);
  if (text.front() != '.' || text.size() < 2 || text.size() > 10) return std::nullopt;
  auto value = digits(text, 1, text.size() - 1);
  if (!value) return std::nullopt;
  std::uint64_t nanoseconds = *value;
  for (std::size_t i = text.size(); i < 10; ++i) nanoseconds *= 10;
  return std::chrono::nanoseconds(nanoseconds);
}

}  // namespace

std::string place_in(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  const auto line = std::ranges::count(before, '\n') + 1;
  const auto last = before.rfind('\n');
  const auto column = last == std::string_view::npos ? before.size() + 1 : before.size() - last;
  return fmt::format("line {}, column {}", line, column);
}

core::status read_xml(pugi::xml_document& into, std::string_view text) {
  if (text.size() > document_bytes_max) return core::fail(errc::malformed_document, "longer than 1 MiB");
  if (text.find('\0') != std::string_view::npos) return core::fail(errc::malformed_document, "a NUL");
  if (text.find("<!DOCTYPE") != std::string_view::npos) return core::fail(errc::malformed_document, "a document type");
  const auto r = into.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
  if (!r) {
    const auto offset = std::min(text.size(), static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, r.offset)));
    return core::fail(errc::malformed_document, fmt::format("{}: {}", place_in(text, offset), r.description()));
  }
  depth_check walker;
  if (!into.traverse(walker)) return core::fail(errc::malformed_document, fmt::format("nested deeper than {} levels", nesting_max));
  text_joiner joiner;
  if (!into.traverse(joiner)) return core::fail(errc::malformed_document, "out of memory");
  return {};
}

bool is_plain_element(const pugi::xml_node& n) noexcept {
  return n.type() == pugi::node_element && std::string_view(n.name()).find(':') == std::string_view::npos && !n.attribute("xmlns");
}

std::string_view local_name(const pugi::xml_node& n) noexcept {
  const std::string_view whole(n.name());
  return whole.substr(whole.find(':') + 1);  // npos + 1 is 0
}

bool is_element_of(const pugi::xml_node& n, std::string_view space, std::string_view name) {
  if (n.type() != pugi::node_element || local_name(n) != name) return false;
  const std::string_view whole(n.name());
  if (whole.size() == name.size()) return n.attribute("xmlns").value() == space;
  const auto declaration = "xmlns:" + std::string(whole.substr(0, whole.size() - name.size() - 1));
  for (auto at = n; at; at = at.parent()) {
    if (const auto declared = at.attribute(declaration.c_str())) return declared.value() == space;
  }
  return true;
}

std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view space = " \t\r\n";
  const auto from = text.find_first_not_of(space);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(space) - from + 1);
}

std::string_view text_of(const pugi::xml_node& n) noexcept { return trimmed(n.child_value()); }

std::optional<bool> to_boolean(std::string_view text) noexcept {
  if (text == "1" || text == "true") return true;
  if (text == "0" || text == "false") return false;
  return std::nullopt;
}

std::optional<core::wall_time> to_time(std::string_view text) noexcept {
  //  2026-01-02T03:04:05[.678]Z
  if (text.size() < 20 || text.back() != 'Z' || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2);
  const auto minute = digits(text, 14, 2);
  const auto second = digits(text, 17, 2);
  const auto rest = fraction(text.substr(19, text.size() - 20));
  if (!year || !month || !day || !hour || !minute || !second || !rest) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month), std::chrono::day(*day)};
  // The clock's 64 bits of nanoseconds end in 2262.
  if (!date.ok() || *year < 1970 || *year > 2261 || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const auto clock = std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second) + *rest;
  return std::chrono::time_point_cast<core::wall_time::duration>(std::chrono::sys_days(date) + clock);
}

}  // namespace phyllo::identity
