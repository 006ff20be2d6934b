// The record as XML (record.md), over pugixml, which knows neither external entities nor entity definitions.
#include <algorithm>
#include <charconv>
#include <optional>
#include <pugixml.hpp>
#include <sstream>
#include <string>

#include "phyllo/identity/digest.hpp"
#include "phyllo/overlay/errc.hpp"
#include "phyllo/overlay/record.hpp"
#include "reload/utf8.hpp"

namespace phyllo::overlay {
namespace {

constexpr std::size_t xml_max = 4096;  // size_max of Kind RESOURCE
constexpr std::size_t locations_max = 32;
constexpr std::size_t transports_max = 16;
constexpr std::size_t path_max = 16;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

template <class Number>
std::optional<Number> to_number(std::string_view text) {
  text = trimmed(text);
  Number value{};
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void put(pugi::xml_node parent, const char* element, const std::string& text) { parent.append_child(element).text().set(text.c_str()); }

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& w : words) out += (out.empty() ? "" : " ") + w;
  return out;
}

std::string q_text(double q) {
  std::array<char, 16> out{};
  const auto end = std::to_chars(out.data(), out.data() + out.size(), q, std::chars_format::fixed, 3).ptr;
  return {out.data(), end};
}

void put_location(pugi::xml_node parent, const location& l) {
  const location standard;
  auto node = parent.append_child("location");
  put(node, "node_ip", l.node_ip);
  put(node, "transport", joined(l.transports));
  if (l.node) put(node, "node_id", l.node->hex());
  if (!l.contact.empty()) put(node, "contact", l.contact);
  for (const auto& uri : l.path) put(node, "path", uri);
  if (!l.instance.empty()) put(node, "instance", l.instance);
  if (!l.features.empty()) put(node, "features", l.features);
  if (l.reg_id != standard.reg_id) put(node, "reg_id", std::to_string(l.reg_id));
  if (l.q < 1.0) put(node, "q", q_text(l.q));
  if (l.expires_at_ms != 0) put(node, "expires", std::to_string(l.expires_at_ms));
}

// Reads children of one element; the first thing that is wrong stays in `wrong`.
class reader {
 public:
  explicit reader(pugi::xml_node node) : node_(node) {}

  std::string text(const char* element) { return std::string(trimmed(text_as_it_is(element))); }
  // Of all its parts: a comment or CDATA stands between two of them.
  std::string text_as_it_is(const char* element) {
    const auto child = node_.child(element);
    if (child && child.next_sibling(element)) wrong(element, "is there twice");
    std::string all;
    for (const auto& part : child.children()) {
      if (part.type() == pugi::node_element) wrong(element, "holds an element");
      all += part.value();
    }
    return all;
  }
  std::string required(const char* element) {
    auto value = text(element);
    if (value.empty()) wrong(element, "is missing");
    return value;
  }
  template <class Number>
  Number number(const char* element, std::optional<Number> standard) {
    const auto value = text(element);
    if (value.empty() && standard) return *standard;
    const auto parsed = to_number<Number>(value);
    if (!parsed) wrong(element, "is not a number in range");
    return parsed.value_or(Number{});
  }
  void wrong(std::string_view element, std::string_view what) {
    if (wrong_.empty()) wrong_ = "<" + std::string(element) + "> " + std::string(what);
  }
  [[nodiscard]] const std::string& wrong() const noexcept { return wrong_; }
  [[nodiscard]] pugi::xml_node node() const noexcept { return node_; }

 private:
  pugi::xml_node node_;
  std::string wrong_;
};

std::vector<std::string> words(const std::string& text, reader& r) {
  std::istringstream in(text);
  std::vector<std::string> list;
  for (std::string word; in >> word;) list.push_back(word);
  if (list.size() > transports_max) r.wrong("transport", "lists too many");
  return list;
}

location read_location(reader& r) {
  location l;
  l.node_ip = r.text("node_ip");
  l.transports = words(r.text("transport"), r);
  if (const auto id = r.text("node_id"); !id.empty()) {
    l.node = node_id::from_hex(id);
    if (!l.node) r.wrong("node_id", "is not 32 hexadecimal digits");
  }
  l.contact = r.text("contact");
  for (const auto& uri : r.node().children("path")) l.path.emplace_back(trimmed(uri.text().get()));
  if (l.path.size() > path_max) r.wrong("path", "has too many entries");
  l.instance = r.text("instance");
  l.features = r.text("features");
  l.reg_id = r.number<std::uint32_t>("reg_id", 0);
  l.q = r.number<double>("q", 1.0);
  if (!(l.q >= 0.0 && l.q <= 1.0)) r.wrong("q", "is outside 0 to 1");
  l.expires_at_ms = r.number<std::uint64_t>("expires", 0);
  return l;
}

void read_name(reader& r, record& out) {
  out.name.type = r.required("type");
  const auto user = r.text("user_uri");
  const auto domain = r.text("domain");
  if (user.empty() == domain.empty()) r.wrong("user_uri", "or <domain> must be there, and only one of them");
  out.name.subject = user.empty() ? domain : user;
  if (user.empty() == (out.name.subject.find('@') != std::string::npos)) r.wrong("user_uri", "must hold a '@', <domain> must not");
  if (r.required("key") != out.name.key().hex()) r.wrong("key", "is not the hash of the name");
}

bool has_doctype(const pugi::xml_document& document) {
  return std::ranges::any_of(document.children(), [](const auto& n) { return n.type() == pugi::node_doctype; });
}

}  // namespace

std::string record::xml() const {
  pugi::xml_document document;
  auto root = document.append_child("resource");
  put(root, "version", "1.0");
  put(root, "type", name.type);
  put(root, "key", name.key().hex());
  put(root, "lifetime", std::to_string(lifetime_s));
  put(root, "timestamp", std::to_string(timestamp_ms));
  put(root, name.subject.find('@') == std::string::npos ? "domain" : "user_uri", name.subject);
  for (const auto& l : locations) put_location(root, l);
  if (!value.empty()) put(root, "value", value);
  std::ostringstream out;
  document.save(out, "", pugi::format_raw | pugi::format_no_declaration);
  return out.str();
}

core::result<record> record::parse(std::string_view xml) {
  if (xml.size() > xml_max) return core::fail(errc::invalid_record, "longer than 4096 bytes");
  if (const auto bad = not_for_xml(xml); !bad.empty()) return core::fail(errc::invalid_record, bad + ", which XML can not hold");
  pugi::xml_document document;
  // Line ends stay as they are: pugixml prints a carriage return raw, and a value must come back as it was.
  constexpr unsigned flags = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_doctype | pugi::parse_ws_pcdata_single;
  const auto parsed = document.load_buffer(xml.data(), xml.size(), flags, pugi::encoding_utf8);
  if (!parsed) return core::fail(errc::invalid_record, std::string(parsed.description()) + " at byte " + std::to_string(parsed.offset));
  if (has_doctype(document)) return core::fail(errc::invalid_record, "a document type");
  reader r(document.document_element());
  if (std::string_view(r.node().name()) != "resource") return core::fail(errc::invalid_record, "the document element is not <resource>");
  record out;
  if (r.required("version").substr(0, 2) != "1.") r.wrong("version", "is not 1.x");
  read_name(r, out);
  out.lifetime_s = r.number<std::uint32_t>("lifetime", std::nullopt);
  out.timestamp_ms = r.number<std::uint64_t>("timestamp", std::nullopt);
  out.value = r.text_as_it_is("value");
  // By a reference, as pugixml writes and reads it: well-formed it is not (XML 1.0 s.4.1).
  if (const auto bad = not_for_xml(out.value); !bad.empty()) r.wrong("value", "holds " + bad + ", which XML can not hold");
  for (const auto& child : r.node().children("location")) {
    reader location_reader(child);
    out.locations.push_back(read_location(location_reader));
    if (!location_reader.wrong().empty()) return core::fail(errc::invalid_record, location_reader.wrong());
    if (out.locations.size() > locations_max) return core::fail(errc::invalid_record, "more than 32 locations");
  }
  if (!r.wrong().empty()) return core::fail(errc::invalid_record, r.wrong());
  return out;
}

binding binding_of(const location& l) {
  identity::sha256_digest digest{};
  if (l.instance.empty()) {
    digest = identity::sha256(core::as_bytes(l.contact));
  } else {
    const auto reg_id = std::to_string(l.reg_id);
    digest = identity::sha256({core::as_bytes(l.instance), core::as_bytes(";reg-id="), core::as_bytes(reg_id)});
  }
  binding b{};
  std::copy_n(digest.begin(), b.size(), b.begin());
  return b;
}

}  // namespace phyllo::overlay
