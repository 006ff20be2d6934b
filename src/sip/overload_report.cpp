#include "overload_report.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "glance.hpp"
#include "uri.hpp"

namespace phyllo::sip {
namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string_view trim(std::string_view s) {
  s.remove_prefix(std::min(s.find_first_not_of(blanks), s.size()));
  return s.substr(0, s.find_last_not_of(blanks) + 1);
}

// Where the first of these stands outside quotes; the end: nowhere.
std::size_t next_of(std::string_view text, std::string_view separators, std::size_t from) {
  bool quoted = false;
  for (auto at = from; at < text.size(); ++at) {
    if (text[at] == '\\' && quoted)
      ++at;
    else if (text[at] == '"')
      quoted = !quoted;
    else if (!quoted && separators.find(text[at]) != std::string_view::npos)
      return at;
  }
  return text.size();
}

struct parameter {
  std::string_view whole;  // with its semicolon
  std::string_view name;
  std::string_view value;  // without quotes; "": none
};

// The one that begins at this semicolon.
parameter parameter_at(std::string_view via, std::size_t at) {
  const auto end = next_of(via, ";", at + 1);
  const auto text = via.substr(at + 1, end - at - 1);
  const auto equals = text.find('=');
  auto value = equals == std::string_view::npos ? std::string_view() : trim(text.substr(equals + 1));
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
  return {via.substr(at, end - at), trim(text.substr(0, equals)), value};
}

// Those of overload control, and where the others are.
struct parameters {
  std::optional<std::string_view> oc, algorithm, validity, sequence;
  std::string others;  // all the rest, as it is
};

parameters parameters_of(std::string_view via) {
  parameters p;
  auto at = next_of(via, ";", 0);
  p.others = trim(via.substr(0, at));
  while (at < via.size()) {  // each step takes one
    const auto next = parameter_at(via, at);
    at += next.whole.size();
    auto* slot = equal_ignoring_case(next.name, "oc")            ? &p.oc
                 : equal_ignoring_case(next.name, "oc-algo")     ? &p.algorithm
                 : equal_ignoring_case(next.name, "oc-validity") ? &p.validity
                 : equal_ignoring_case(next.name, "oc-seq")      ? &p.sequence
                                                                 : nullptr;
    if (slot == nullptr)
      p.others += trim(next.whole);
    else
      *slot = next.value;
  }
  return p;
}

bool takes_loss(std::string_view algorithms) {
  while (!algorithms.empty()) {
    const auto comma = std::min(algorithms.find(','), algorithms.size());
    if (equal_ignoring_case(trim(algorithms.substr(0, comma)), "loss")) return true;
    algorithms.remove_prefix(std::min(comma + 1, algorithms.size()));
  }
  return false;
}

template <class Number>
std::optional<Number> number(std::string_view digits) {
  Number n = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (failed != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return n;
}

// s.9: up to five digits behind the point, of a clock's seconds for most.
constexpr std::size_t fraction_digits = 5;
constexpr std::uint64_t fractions = 100'000;

std::optional<std::uint64_t> sequence_of(std::string_view text) {
  const auto dot = std::min(text.find('.'), text.size());
  const auto whole = number<std::uint64_t>(text.substr(0, std::min(dot, std::size_t{12})));
  std::string fraction(text.substr(std::min(dot + 1, text.size())));
  fraction.resize(fraction_digits, '0');
  const auto rest = number<std::uint32_t>(fraction);
  if (!whole || !rest || dot > 12) return std::nullopt;
  return *whole * fractions + *rest;
}

}  // namespace

bool write_report(std::string& response, const overload_report& r) {
  const auto field = field_of(response, "Via", 'v');
  const auto top = field.substr(0, next_of(field, ",", 0));
  auto p = parameters_of(top);
  if (!p.oc || !p.algorithm || !takes_loss(*p.algorithm)) return false;
  auto fraction = std::to_string(fractions + r.sequence % fractions);
  fraction.front() = '.';
  p.others.append(";oc=").append(std::to_string(r.percent)).append(";oc-algo=\"loss\";oc-validity=");
  p.others.append(std::to_string(r.validity.count())).append(";oc-seq=").append(std::to_string(r.sequence / fractions)).append(fraction);
  const auto begin = static_cast<std::size_t>(top.data() - response.data());
  const auto written = begin + top.find_first_not_of(blanks);
  response.replace(written, begin + top.find_last_not_of(blanks) + 1 - written, p.others);
  return true;
}

std::optional<overload_report> read_report(std::string_view via) {
  const auto p = parameters_of(via);
  if (!p.oc || !p.algorithm || !p.sequence || !equal_ignoring_case(*p.algorithm, "loss")) return std::nullopt;
  const auto percent = number<std::uint32_t>(*p.oc);
  const auto validity = p.validity ? number<std::uint32_t>(*p.validity) : std::optional<std::uint32_t>(overload_report::usual.count());
  const auto sequence = sequence_of(*p.sequence);
  if (!percent || *percent > 100 || !validity || !sequence) return std::nullopt;
  return overload_report{*percent, std::min(std::chrono::milliseconds(*validity), overload_report::validity_max), *sequence};
}

}  // namespace phyllo::sip
