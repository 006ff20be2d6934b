#include "dns/dns_records.hpp"

#include <ares.h>

#include <algorithm>
#include <memory>

#include "phyllo/core/wire.hpp"
#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {
namespace {

constexpr std::size_t records_max = 64;

struct free_ares {
  void operator()(void* p) const noexcept { ares_free_data(p); }
};

int size_of(core::byte_view v) { return static_cast<int>(v.size()); }

// How many bytes a name takes (RFC 1035 s.4.1.4); 0: it is broken.
std::size_t name_size(core::byte_view answer, std::size_t at) {
  char* text = nullptr;
  long encoded = 0;
  if (at >= answer.size() || ares_expand_name(answer.data() + at, answer.data(), size_of(answer), &text, &encoded) != ARES_SUCCESS)
    return 0;
  ares_free_string(text);
  return static_cast<std::size_t>(encoded);
}

// c-ares tells times to live of addresses only. RFC 1035 s.4.1: header, questions, then the records:
//  name | type (16) | class (16) | TTL (32) | length (16) | data
std::chrono::seconds least_ttl(core::byte_view answer) {
  core::wire_reader header(answer);
  header.u32();
  const auto questions = header.u16();
  const auto records = header.u16();
  header.u32();
  std::size_t at = answer.size() - header.remaining();
  for (unsigned i = 0; header.ok() && i < questions; ++i) {
    const auto size = name_size(answer, at);
    if (size == 0) return {};
    at += size + 4;
  }
  std::uint32_t least = UINT32_MAX;
  for (unsigned i = 0; header.ok() && i < records; ++i) {
    const auto size = name_size(answer, at);
    if (size == 0 || at + size > answer.size()) return {};
    core::wire_reader r(answer.subspan(at + size));
    r.u32();
    least = std::min(least, r.u32());
    r.opaque(2);
    if (!r.ok()) return {};
    at = answer.size() - r.remaining();
  }
  // RFC 2181 s.8: "treat TTL values received with the most significant bit set as if the entire value received was zero".
  return std::chrono::seconds(least > INT32_MAX ? 0 : least);
}

std::string text_of(const unsigned char* s) { return s == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(s)); }

naptr_record record_of(const ares_naptr_reply& r) {
  return {r.order, r.preference, text_of(r.flags), text_of(r.service),
          r.replacement == nullptr ? std::string() : std::string(r.replacement)};
}

srv_record record_of(const ares_srv_reply& r) {
  return {r.priority, r.weight, r.port, r.host == nullptr ? std::string() : std::string(r.host)};
}

template <class Record, class Reply>
core::result<dns_answer<Record>> parse(core::byte_view answer, int (*by)(const unsigned char*, int, Reply**)) {
  Reply* first = nullptr;
  const int how = by(answer.data(), size_of(answer), &first);
  const std::unique_ptr<Reply, free_ares> owned(first);
  dns_answer<Record> out;
  if (how == ARES_ENODATA) return out;
  if (how != ARES_SUCCESS) return core::fail(errc::malformed, ares_strerror(how));
  for (const auto* r = first; r != nullptr && out.records.size() < records_max; r = r->next) out.records.push_back(record_of(*r));
  out.ttl = least_ttl(answer);
  return out;
}

}  // namespace

core::result<dns_answer<naptr_record>> parse_naptr(core::byte_view answer) { return parse<naptr_record>(answer, ares_parse_naptr_reply); }

core::result<dns_answer<srv_record>> parse_srv(core::byte_view answer) { return parse<srv_record>(answer, ares_parse_srv_reply); }

}  // namespace phyllo::transport
