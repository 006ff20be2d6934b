#include "http/http_reader.hpp"

#include <algorithm>

namespace phyllo::transport {
namespace {

constexpr int stop_parsing = -1;
constexpr int no_body_follows = 1;  // http-parser's word from on_headers_complete

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

http_reader::http_reader(http_parser_type type, std::size_t header_bytes_max, std::size_t body_bytes_max)
    : header_bytes_max_(header_bytes_max), body_bytes_max_(body_bytes_max) {
  http_parser_init(&parser_, type);
  parser_.data = this;
}

const http_parser_settings& http_reader::settings() {
  static const http_parser_settings table = [] {
    http_parser_settings s;
    http_parser_settings_init(&s);
    s.on_url = [](http_parser* p, const char* at, std::size_t n) {
      of(p).target_.append(at, n);
      return 0;
    };
    s.on_header_field = [](http_parser* p, const char* at, std::size_t n) { return of(p).on_header_field({at, n}); };
    s.on_header_value = [](http_parser* p, const char* at, std::size_t n) { return of(p).on_header_value({at, n}); };
    s.on_headers_complete = [](http_parser* p) { return of(p).on_headers_complete(); };
    s.on_body = [](http_parser* p, const char* at, std::size_t n) { return of(p).on_body({at, n}); };
    s.on_message_complete = [](http_parser* p) {
      of(p).complete_ = true;
      http_parser_pause(p, 1);  // what follows is the next message's
      return 0;
    };
    return s;
  }();
  return table;
}

std::size_t http_reader::feed(core::byte_view data) {
  if (complete_ || refusal_ != refusal::none || data.empty()) return 0;
  const auto text = core::as_text(data);
  const bool in_header = !headers_complete_;
  if (in_header && header_bytes_ == header_bytes_max_) {
    refuse(refusal::header_too_large);
    return 0;
  }
  const auto allowed = in_header ? std::min(text.size(), header_bytes_max_ - header_bytes_) : text.size();
  const auto n = http_parser_execute(&parser_, &settings(), text.data(), allowed);
  if (in_header) header_bytes_ += n;
  if (complete_) return n;
  if (HTTP_PARSER_ERRNO(&parser_) != HPE_OK && refusal_ == refusal::none) refuse(refusal::malformed);
  if (refusal_ != refusal::none || n == text.size()) return n;
  return n + feed(data.subspan(n));  // more than a header may have: it has ended, and the body goes on; or it is refused
}

void http_reader::finish() {
  if (complete_ || refusal_ != refusal::none) return;
  http_parser_execute(&parser_, &settings(), "", 0);
  if (!complete_) refuse(refusal::malformed);
}

int http_reader::on_header_field(std::string_view part) {
  if (in_value_) end_header();
  std::ranges::transform(part, std::back_inserter(field_), lower);
  return refusal_ == refusal::none ? 0 : stop_parsing;
}

int http_reader::on_header_value(std::string_view part) {
  in_value_ = true;
  value_.append(part);
  return 0;
}

// Repeated fields are one list (RFC 9110 s.5.3), but for Host. "No whitespace is allowed between the field name and colon", "a server
// MUST reject, with a response status code of 400" (RFC 9112 s.5.1), and http-parser takes it for part of the name.
void http_reader::end_header() {
  in_value_ = false;
  if (field_.empty()) return;
  const auto [at, first] = headers_.try_emplace(field_);
  if (field_.find(' ') != std::string::npos || (!first && field_ == "host")) refuse(refusal::malformed);
  if (!first) at->second += ", ";
  at->second += value_;
  field_.clear();
  value_.clear();
  if (headers_.size() > headers_max) refuse(refusal::header_too_large);
}

int http_reader::on_headers_complete() {
  end_header();
  take_host();
  headers_complete_ = true;
  keep_alive_ = http_should_keep_alive(&parser_) != 0 && parser_.upgrade == 0;
  if (refusal_ != refusal::none) return stop_parsing;
  const bool announced = parser_.content_length != ULLONG_MAX;
  if (announced && !bodiless_ && parser_.content_length > body_bytes_max_) return refuse(refusal::body_too_large);
  return bodiless_ ? no_body_follows : 0;
}

// RFC 9112 s.3.2: "A server MUST respond with a 400 status code to any HTTP/1.1 request message that lacks a Host header field", not to one
// of HTTP/1.0. An absolute form names path and host in one, "ignoring the received Host header field" (s.3.2.2).
void http_reader::take_host() {
  if (parser_.type != HTTP_REQUEST || parser_.method == HTTP_CONNECT) return;
  const bool recent = parser_.http_major > 1 || parser_.http_minor >= 1;
  if (recent && !headers_.contains("host")) return void(refuse(refusal::malformed));
  if (target_.starts_with('/') || target_ == "*") return;
  const auto whole = url::parse(target_);
  if (!whole) return void(refuse(refusal::malformed));
  const auto authority = std::string_view(target_).substr(target_.find("://") + 3);
  headers_["host"] = authority.substr(0, authority.find_first_of("/?#"));
  target_ = whole->target;
}

int http_reader::on_body(std::string_view part) {
  if (body_.size() + part.size() > body_bytes_max_) return refuse(refusal::body_too_large);
  body_.append(part);
  return 0;
}

int http_reader::refuse(refusal why) noexcept {
  refusal_ = why;
  return stop_parsing;
}

std::string http_reader::header(const std::string& name) const {
  const auto i = headers_.find(name);
  return i == headers_.end() ? std::string() : i->second;
}

http_request http_reader::take_request() {
  http_request out;
  out.method = http_method_str(static_cast<http_method>(parser_.method));
  out.target = std::move(target_);
  out.headers = std::move(headers_);
  out.body = std::move(body_);
  return out;
}

http_response http_reader::take_response() {
  http_response out;
  out.status = static_cast<int>(parser_.status_code);
  out.headers = std::move(headers_);
  out.body = std::move(body_);
  return out;
}

}  // namespace phyllo::transport
