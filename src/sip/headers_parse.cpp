#include "headers_parse.hpp"

#include <sofia-sip/msg_header.h>
#include <sofia-sip/msg_parser.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "headers_parameters.hpp"
#include "headers_plain.hpp"
#include "pre_scan.hpp"

namespace phyllo::sip {
namespace {

std::string_view view(const char* text) noexcept { return text == nullptr ? std::string_view() : std::string_view(text); }

std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// Within a quoted string: the index after its closing quote; npos when it does not close.
std::size_t skip_quoted(std::string_view text, std::size_t at) noexcept {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      return at + 1;
  }
  return std::string_view::npos;
}

std::optional<uri> uri_of(su_home_t* home, const url_t& parsed) {
  if (parsed.url_type == url_sip || parsed.url_type == url_sips) {
    auto u = from_url(parsed);
    if (!u) return std::nullopt;
    return std::move(*u);
  }
  const auto* text = url_as_string(home, &parsed);
  if (text == nullptr) return std::nullopt;
  auto u = uri::parse(text);
  if (!u) return std::nullopt;
  return std::move(*u);
}

}  // namespace

home_ptr make_home() {
  constexpr std::size_t first_block = 1536;  // holds what is read of a usual request
  home_ptr home(static_cast<su_home_t*>(su_home_new(sizeof(su_home_t))));
  if (!home) throw std::bad_alloc();
  su_home_preload(home.get(), 1, first_block);
  return home;
}

bool split_values(std::string_view text, std::vector<std::string_view>& out) {
  std::size_t begin = 0;
  bool whole = true;
  const auto take = [&](std::size_t end) {
    const auto value = trim(text.substr(begin, end - begin));
    whole = whole && !value.empty();
    if (!value.empty()) out.push_back(value);
    begin = end + 1;
  };
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '"') {
      at = skip_quoted(text, at);
      if (at == std::string_view::npos) return false;
    } else if (text[at] == '<') {
      at = text.find('>', at);
      if (at == std::string_view::npos) return false;
    } else {
      if (text[at] == ',') take(at);
      ++at;
    }
  }
  take(text.size());
  return whole;
}

msg_header_t* parse_value(su_home_t* home, msg_hclass_t* hclass, std::string_view text) {
  auto* header = msg_header_alloc(home, hclass, static_cast<isize_t>(text.size() + 1));
  if (header == nullptr) throw std::bad_alloc();
  char* scratch = MSG_HEADER_DATA(header);
  // A fold is white space (s.7.3.1). A NUL (within a quoted pair) would end sofia's string.
  constexpr char substitute = 0x1a;
  std::transform(text.begin(), text.end(), scratch, [](char c) { return c == '\0' ? substitute : c == '\r' || c == '\n' ? ' ' : c; });
  scratch[text.size()] = '\0';
  if (hclass->hc_parse(home, header, scratch, static_cast<isize_t>(text.size())) < 0) return nullptr;
  return header->sh_next == nullptr ? header : nullptr;
}

std::optional<std::string_view> find_parameter(const msg_param_t* parameters, std::string_view name) noexcept {
  for (; parameters != nullptr && *parameters != nullptr; ++parameters) {
    const auto whole = view(*parameters);
    const auto equals = whole.find('=');
    if (!equal_ignoring_case(whole.substr(0, equals), name)) continue;
    return equals == std::string_view::npos ? std::string_view() : whole.substr(equals + 1);
  }
  return std::nullopt;
}

std::optional<via> parse_via(su_home_t* home, std::string_view text) {
  const auto* header = parse_value(home, sip_via_class, text);
  if (header == nullptr) return std::nullopt;
  const auto& v = *reinterpret_cast<const sip_via_t*>(header);
  const auto protocol = view(v.v_protocol);
  constexpr std::string_view version = "SIP/2.0/";
  if (protocol.size() <= version.size() || !equal_ignoring_case(protocol.substr(0, version.size()), version)) return std::nullopt;
  via out;
  out.transport = protocol.substr(version.size());
  out.host = view(v.v_host);
  if (out.host.empty()) return std::nullopt;
  if (v.v_port != nullptr) {
    const auto port = whole_number<std::uint16_t>(view(v.v_port));
    if (!port) return std::nullopt;
    out.port = *port;
  }
  take_parameters(out, [&](std::string_view name) { return find_parameter(v.v_params, name); });
  return out;
}

std::optional<address> parse_address(su_home_t* home, std::string_view text) {
  const auto* header = parse_value(home, sip_from_class, text);
  if (header == nullptr) return std::nullopt;
  const auto& a = *reinterpret_cast<const sip_addr_t*>(header);
  auto u = uri_of(home, *a.a_url);
  if (!u) return std::nullopt;
  return address{view(a.a_display), std::move(*u), find_parameter(a.a_params, "tag").value_or("")};
}

std::vector<uri> uris_of(std::string_view text) {
  std::vector<std::string_view> values;
  std::vector<uri> out;
  static_cast<void>(split_values(text, values));
  const auto home = make_home();
  for (const auto value : values) {
    auto a = plain_address(value);
    if (!a) a = parse_address(home.get(), value);
    if (a) out.push_back(std::move(a->uri));
  }
  return out;
}

std::string features_of(const msg_param_t* parameters) {
  std::string out;
  for (auto p = parameters; p != nullptr && *p != nullptr; ++p) {
    const std::string_view text(*p);
    if (is_feature(trim(text.substr(0, text.find('='))))) out.append(";").append(text);
  }
  return out;
}

std::optional<contact> parse_contact(su_home_t* home, std::string_view text) {
  contact out;
  if (text == "*") {
    out.star = true;
    return out;
  }
  const auto* header = parse_value(home, sip_contact_class, text);
  if (header == nullptr) return std::nullopt;
  const auto& m = *reinterpret_cast<const sip_contact_t*>(header);
  auto u = uri_of(home, *m.m_url);
  if (!u) return std::nullopt;
  out.uri = std::move(*u);
  take_parameters(out, [&](std::string_view name) { return find_parameter(m.m_params, name); });
  out.features = features_of(m.m_params);
  return out;
}

std::optional<cseq> parse_cseq(std::string_view text) {
  const auto blank = text.find_first_of(" \t\r\n");
  if (blank == std::string_view::npos) return std::nullopt;
  const auto number = parse_number(text.substr(0, blank));
  const auto name = trim(text.substr(blank));
  // s.8.1.1.5: "The sequence number value MUST be expressible as a 32-bit unsigned integer and MUST be less than 2**31."
  if (!number || *number >= 0x80000000U || !is_token(name)) return std::nullopt;
  return cseq{*number, name};
}

std::optional<credentials> parse_credentials(su_home_t* home, std::string_view text) {
  const auto* header = parse_value(home, sip_authorization_class, text);
  if (header == nullptr) return std::nullopt;
  const auto& au = *reinterpret_cast<const msg_auth_t*>(header);
  credentials out;
  out.scheme = view(au.au_scheme);
  for (const auto* p = au.au_params; p != nullptr && *p != nullptr; ++p) {
    const auto whole = view(*p);
    const auto equals = whole.find('=');
    const auto value = equals == std::string_view::npos ? std::string_view() : trim(whole.substr(equals + 1));
    out.parameters.emplace_back(trim(whole.substr(0, equals)), value);
  }
  return out;
}

std::string stamp_via(su_home_t* home, std::string_view text, std::string_view received, std::uint16_t rport) {
  const auto* header = parse_value(home, sip_via_class, text);
  if (header == nullptr) return std::string(text);
  const auto& v = *reinterpret_cast<const sip_via_t*>(header);
  std::string out(view(v.v_protocol));
  out.append(" ").append(view(v.v_host));
  if (v.v_port != nullptr) out.append(":").append(v.v_port);
  for (const auto* p = v.v_params; p != nullptr && *p != nullptr; ++p) {
    const auto name = view(*p).substr(0, view(*p).find('='));
    if (!equal_ignoring_case(name, "received") && !equal_ignoring_case(name, "rport")) out.append(";").append(*p);
  }
  out.append(";received=").append(received);
  if (rport != 0) out.append(";rport=").append(std::to_string(rport));
  return out;
}

std::optional<std::uint32_t> parse_number(std::string_view text) noexcept { return whole_number<std::uint32_t>(text); }

}  // namespace phyllo::sip
