#include "phyllo/identity/domain_keyring.hpp"

#include <fmt/format.h>
#include <openssl/digest.h>
#include <openssl/hkdf.h>

#include <charconv>
#include <utility>

#include "boringssl.hpp"
#include "phyllo/core/errc.hpp"
#include "phyllo/identity/names.hpp"

namespace phyllo::identity {
namespace {

constexpr std::size_t domains_max = 4096;            // of a text: the login server's own node may have all of an overlay
constexpr std::uint64_t ms_max = 9'000'000'000'000;  // the clock's nanoseconds end in 2262

// What stands before the next `separator`, taken off `text`; all of it where there is none.
std::string_view take(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto word = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return word;
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number n{};
  const auto [end, how] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (how != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return n;
}

}  // namespace

void domain_keyring::add(const std::string& domain, std::uint32_t generation, seal_key_pair pair, core::wall_time used_from) {
  auto& of_domain = keys_[domain];
  of_domain.insert_or_assign(generation, key{std::move(pair), used_from});
  if (of_domain.size() > generations_max) of_domain.erase(of_domain.begin());
}

void domain_keyring::forget_before(const std::string& domain, std::uint32_t generation) {
  const auto found = keys_.find(domain);
  if (found == keys_.end()) return;
  auto& of_domain = found->second;
  of_domain.erase(of_domain.begin(), of_domain.lower_bound(generation));
  if (of_domain.empty()) keys_.erase(found);
}

std::optional<core::wall_time> domain_keyring::use_at(core::wall_time now) {
  used_at_ = now;
  std::optional<core::wall_time> next;
  for (const auto& [domain, of_domain] : keys_) {
    for (const auto& [generation, k] : of_domain) {
      if (k.used_from > now && (!next || k.used_from < *next)) next = k.used_from;
    }
  }
  return next;
}

std::vector<std::string> domain_keyring::domains() const {
  std::vector<std::string> out;
  for (const auto& [domain, of_domain] : keys_) out.push_back(domain);
  return out;
}

std::vector<std::uint32_t> domain_keyring::generations(const std::string& domain) const {
  std::vector<std::uint32_t> out;
  const auto found = keys_.find(domain);
  if (found == keys_.end()) return out;
  for (const auto& [generation, k] : found->second) out.push_back(generation);
  return out;
}

std::uint32_t domain_keyring::current(const std::string& domain) const {
  const auto found = keys_.find(domain);
  if (found == keys_.end()) return 0;
  const auto& of_domain = found->second;
  for (auto k = of_domain.rbegin(); k != of_domain.rend(); ++k) {
    if (k->second.used_from <= used_at_) return k->first;
  }
  return of_domain.begin()->first;
}

std::uint32_t domain_keyring::newest(const std::string& domain) const {
  const auto found = keys_.find(domain);
  return found == keys_.end() ? 0 : found->second.rbegin()->first;
}

const seal_key_pair* domain_keyring::find(const std::string& domain, std::uint32_t generation) const {
  const auto found = keys_.find(domain);
  if (found == keys_.end()) return nullptr;
  const auto k = found->second.find(generation);
  return k == found->second.end() ? nullptr : &k->second.pair;
}

std::optional<sha256_digest> domain_keyring::derive(const std::string& domain, std::uint32_t generation, std::string_view label) const {
  const auto* pair = find(domain, generation);
  if (pair == nullptr) return std::nullopt;
  const auto info = "phyllo " + std::string(label) + ":" + domain;
  sha256_digest out{};
  must(HKDF(out.data(), out.size(), EVP_sha256(), pair->private_key.data(), pair->private_key.size(), nullptr, 0,
            core::as_bytes(info).data(), info.size()));
  return out;
}

std::string domain_keyring::print() const {
  std::string out;
  for (const auto& [domain, of_domain] : keys_) {
    for (const auto& [generation, k] : of_domain)
      out += fmt::format("{} {} {} {}\n", domain, generation, core::to_hex(k.pair.private_key), core::unix_milliseconds(k.used_from));
  }
  return out;
}

core::result<domain_keyring> domain_keyring::parse(std::string_view text) {
  domain_keyring ring;
  while (!text.empty()) {  // ends with the text, or at the first line that is none
    auto line = take(text, '\n');
    const std::string domain(take(line, ' '));
    const auto generation = number<std::uint32_t>(take(line, ' '));
    const auto secret = core::from_hex(take(line, ' '));
    const auto ms = number<std::uint64_t>(line);
    if (!valid_domain(domain) || !generation || *generation == 0 || !secret || !ms || *ms > ms_max)
      return core::fail(core::errc::malformed, "a line that is no domain's key");
    if (ring.keys_.size() == domains_max && !ring.keys_.contains(domain)) return core::fail(core::errc::malformed, "too many domains");
    auto pair = seal_key_of(*secret);
    if (!pair) return core::fail(core::errc::malformed, "a domain's key that is none");
    ring.add(domain, *generation, *std::move(pair), core::from_unix_milliseconds(*ms));
  }
  return ring;
}

}  // namespace phyllo::identity
