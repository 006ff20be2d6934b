#include "dns/mdns_message.hpp"

#include <algorithm>
#include <map>

#include "phyllo/core/wire.hpp"

namespace phyllo::transport {
namespace {

//  id (2) | flags (2) | questions (2) | answers (2) | authorities (2) | additional (2)
//  question: name | type (2) | class (2);  record: name | type (2) | class (2) | TTL (4) | length (2) | data
constexpr std::uint16_t type_a = 1, type_ptr = 12, type_txt = 16, type_aaaa = 28, type_srv = 33, type_any = 255;
constexpr std::uint16_t class_in = 1, unicast_wanted = 0x8000;  // the top bit of a question's class, RFC 6762 s.5.4
constexpr std::uint16_t flag_answer = 0x8000, flag_authoritative = 0x0400, opcode_and_rcode = 0x780f;
constexpr std::uint32_t ttl_s = 10;  // RFC 6762 s.6.7: "the cache lifetime SHOULD NOT be greater than ten seconds"
constexpr unsigned mdns_records_max = 64, questions_max = 16, pointers_max = 16;
constexpr std::size_t name_max = 255, label_max = 63;

void write_name(core::wire_writer& w, std::string_view name) {
  while (!name.empty()) {  // ends with the last label
    const auto label = name.substr(0, std::min(name.find('.'), label_max));
    w.opaque(1, core::as_bytes(label));
    name.remove_prefix(std::min(label.size() + 1, name.size()));
  }
  w.u8(0);
}

void write_record(core::wire_writer& w, std::string_view name, std::uint16_t type, const core::bytes& data) {
  write_name(w, name);
  w.u16(type);
  w.u16(class_in);
  w.u32(ttl_s);
  w.opaque(2, data);
}

char lower(std::uint8_t c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); }

// Reads names, which may point back into the whole message (RFC 1035 s.4.1.4): only ever backwards, and not for ever.
class message_reader {
 public:
  explicit message_reader(core::byte_view whole) : whole_(whole), r_(whole) {}
  core::wire_reader& fields() { return r_; }

  std::string name() { return name_from(r_, static_cast<std::size_t>(whole_.size() - r_.remaining())); }
  // Of a record's data, `rest` being what is left of it.
  std::string name_within(core::wire_reader& rest, core::byte_view data) {
    const auto begin = static_cast<std::size_t>(data.data() - whole_.data());
    return name_from(rest, begin + data.size() - rest.remaining());
  }

 private:
  std::string name_from(core::wire_reader& r, std::size_t at) {
    std::string out;
    core::wire_reader* from = &r;
    core::wire_reader elsewhere(core::byte_view{});
    for (unsigned pointers = 0; from->ok() && out.size() <= name_max;) {  // ends with the name, its bound, or the bytes'
      const auto size = from->u8();
      if (!from->ok()) break;
      if (size == 0) return out;
      if (size < 64) {
        append(out, from->take(size));
        continue;
      }
      const std::size_t to = (size & 0x3fU) << 8 | from->u8();
      if (size < 0xc0 || to >= at || ++pointers > pointers_max) break;
      at = to;
      elsewhere = core::wire_reader(whole_.subspan(to));
      from = &elsewhere;
    }
    r_.fail();
    return {};
  }
  static void append(std::string& out, core::byte_view label) {
    if (!out.empty()) out += '.';
    for (const auto c : label) out += lower(c);
  }

  core::byte_view whole_;
  core::wire_reader r_;
};

struct header {
  std::uint16_t id = 0, flags = 0, questions = 0;
  unsigned records = 0;
};

header read_header(core::wire_reader& r) {
  header h;
  h.id = r.u16();
  h.flags = r.u16();
  h.questions = r.u16();
  for (int i = 0; i < 3; ++i) h.records += r.u16();
  return h;
}

// What the records of an answer say, by the names they are about.
struct record_set {
  std::vector<std::string> instances;
  std::map<std::string, std::pair<std::string, std::uint16_t>> services;  // host and port
  std::map<std::string, std::string> overlays;
  std::map<std::string, asio::ip::address> addresses;

  void read_one(message_reader& m) {
    auto& r = m.fields();
    const auto name = m.name();
    const auto type = r.u16();
    r.u16();  // class; with the cache-flush bit
    r.u32();
    const auto data = r.opaque(2);
    if (!r.ok()) return;
    core::wire_reader d(data);
    if (type == type_ptr && name == mdns_service) instances.push_back(m.name_within(d, data));
    if (type == type_srv) {
      d.u32();  // priority, weight
      const auto port = d.u16();
      services[name] = {m.name_within(d, data), port};
    }
    if (type == type_txt) read_text(name, d);
    if (type == type_a && data.size() == 4) addresses[name] = address<asio::ip::address_v4>(data);
    if (type == type_aaaa && data.size() == 16) addresses[name] = address<asio::ip::address_v6>(data);
  }

 private:
  void read_text(const std::string& name, core::wire_reader& d) {
    constexpr std::string_view key = "overlay=";
    while (!d.empty() && d.ok()) {  // ends with the data
      const auto text = core::as_text(d.opaque(1));
      if (text.starts_with(key)) overlays[name] = text.substr(key.size());
    }
  }
  template <class Address>
  static asio::ip::address address(core::byte_view data) {
    typename Address::bytes_type octets;
    std::ranges::copy(data, octets.begin());
    return Address(octets);
  }
};

std::string first_label(const std::string& name) { return name.substr(0, name.find('.')); }

}  // namespace

core::bytes mdns_query::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  w.u16(id);
  w.u16(0);
  w.u16(1);
  for (int i = 0; i < 3; ++i) w.u16(0);
  write_name(w, mdns_service);
  w.u16(type_ptr);
  w.u16(class_in | unicast_wanted);
  return out;
}

std::optional<mdns_query> mdns_query::decode(core::byte_view message) {
  message_reader m(message);
  auto& r = m.fields();
  const auto h = read_header(r);
  if (!r.ok() || message.size() > mdns_message_max || (h.flags & (flag_answer | opcode_and_rcode)) != 0) return std::nullopt;
  bool ours = false;
  for (unsigned i = 0; i < h.questions && i < questions_max; ++i) {
    const auto name = m.name();
    const auto type = r.u16();
    const auto kind = r.u16() & ~unicast_wanted;
    if (!r.ok()) return std::nullopt;
    ours = ours || (name == mdns_service && (type == type_ptr || type == type_any) && kind == class_in);
  }
  if (!ours) return std::nullopt;
  return mdns_query{h.id};
}

core::bytes encode_mdns_answer(const mdns_query& to, const mdns_peer& p) {
  const auto instance = p.instance + "." + mdns_service;
  const auto host = p.instance + ".local";
  core::bytes out, pointer, service, text, address;
  core::wire_writer w(out);
  w.u16(to.id);
  w.u16(flag_answer | flag_authoritative);
  w.u16(1);
  w.u16(1);
  w.u16(0);
  w.u16(3);
  write_name(w, mdns_service);
  w.u16(type_ptr);
  w.u16(class_in);
  core::wire_writer pointed(pointer), served(service), said(text), found(address);
  write_name(pointed, instance);
  write_record(w, mdns_service, type_ptr, pointer);
  served.u32(0);
  served.u16(p.at.port);
  write_name(served, host);
  write_record(w, instance, type_srv, service);
  said.opaque(1, core::as_bytes("overlay=" + p.overlay.substr(0, 200)));
  write_record(w, instance, type_txt, text);
  if (p.at.address.is_v4()) {
    found.raw(p.at.address.to_v4().to_bytes());
  } else {
    found.raw(p.at.address.to_v6().to_bytes());
  }
  write_record(w, host, p.at.address.is_v4() ? type_a : type_aaaa, address);
  return out;
}

std::vector<mdns_peer> read_mdns_answer(const mdns_query& to, core::byte_view message) {
  std::vector<mdns_peer> out;
  message_reader m(message);
  auto& r = m.fields();
  const auto h = read_header(r);
  const bool fits = r.ok() && h.id == to.id && (h.flags & flag_answer) != 0 && (h.flags & opcode_and_rcode) == 0;
  if (!fits || h.questions > questions_max || h.records > mdns_records_max) return out;
  for (unsigned i = 0; i < h.questions; ++i) {
    m.name();
    r.u32();
  }
  record_set all;
  for (unsigned i = 0; i < h.records && r.ok(); ++i) all.read_one(m);
  if (!r.ok()) return out;
  for (const auto& instance : all.instances) {
    const auto service = all.services.find(instance);
    const auto overlay = all.overlays.find(instance);
    if (service == all.services.end() || overlay == all.overlays.end()) continue;
    const auto address = all.addresses.find(service->second.first);
    if (address == all.addresses.end() || service->second.second == 0) continue;
    out.push_back({first_label(instance), overlay->second, {address->second, service->second.second}});
  }
  return out;
}

}  // namespace phyllo::transport
