#include "subject_names.hpp"

#include <algorithm>

namespace phyllo::identity {
namespace {

// GeneralName's tags, implicit IA5String (RFC 5280 s.4.2.1.6).
constexpr unsigned mail_tag = CBS_ASN1_CONTEXT_SPECIFIC | 1;
constexpr unsigned uri_tag = CBS_ASN1_CONTEXT_SPECIFIC | 6;

void add_name(CBB* list, unsigned tag, const std::string& name) {
  if (name.empty()) return;
  CBB one;
  const auto data = core::as_bytes(name);
  must(CBB_add_asn1(list, &one, tag));
  must(CBB_add_bytes(&one, data.data(), data.size()));
  must(CBB_flush(list));
}

bool printable(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

core::bytes subject_names::encode() const {
  bssl::ScopedCBB out;
  CBB list;
  must(CBB_init(out.get(), 128));
  must(CBB_add_asn1(out.get(), &list, CBS_ASN1_SEQUENCE));
  add_name(&list, uri_tag, uri);
  add_name(&list, mail_tag, mail);
  must(CBB_flush(out.get()));
  return {CBB_data(out.get()), CBB_data(out.get()) + CBB_len(out.get())};
}

std::optional<subject_names> subject_names::decode(core::byte_view der) {
  CBS in;
  CBS list;
  CBS_init(&in, der.data(), der.size());
  if (!CBS_get_asn1(&in, &list, CBS_ASN1_SEQUENCE) || CBS_len(&in) != 0) return std::nullopt;
  subject_names names;
  while (CBS_len(&list) > 0) {  // ends with the list, or at the first name that does not belong
    CBS one;
    unsigned tag = 0;
    if (!CBS_get_any_asn1(&list, &one, &tag) || (tag != mail_tag && tag != uri_tag)) return std::nullopt;
    auto& name = tag == uri_tag ? names.uri : names.mail;
    if (!name.empty()) return std::nullopt;
    name = core::as_text({CBS_data(&one), CBS_len(&one)});
    if (!printable(name)) return std::nullopt;
  }
  return names;
}

bssl::UniquePtr<X509_EXTENSION> make_extension(const ASN1_OBJECT* oid, bool critical, core::byte_view der) {
  const bssl::UniquePtr<ASN1_STRING> content(must(ASN1_STRING_type_new(V_ASN1_OCTET_STRING)));
  must(ASN1_STRING_set(content.get(), der.data(), static_cast<int>(der.size())));
  return bssl::UniquePtr<X509_EXTENSION>(must(X509_EXTENSION_create_by_OBJ(nullptr, oid, critical ? 1 : 0, content.get())));
}

core::byte_view extension_content(const X509_EXTENSION* e) {
  const ASN1_STRING* content = X509_EXTENSION_get_data(const_cast<X509_EXTENSION*>(e));
  return {ASN1_STRING_get0_data(content), static_cast<std::size_t>(ASN1_STRING_length(content))};
}

}  // namespace phyllo::identity
