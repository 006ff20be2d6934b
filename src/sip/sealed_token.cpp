#include "sealed_token.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "phyllo/identity/digest.hpp"

namespace phyllo::sip {
namespace {

constexpr std::size_t head_octets = 4;
using head = std::array<std::uint8_t, head_octets>;

head head_of(token_use use, std::uint32_t generation, std::string_view domain) {
  const auto hash = identity::sha256(core::as_bytes(domain));
  return {std::to_underlying(use), static_cast<std::uint8_t>(generation & 0xff), hash[0], hash[1]};
}

core::bytes context_of(const head& h, std::string_view domain) {
  auto out = core::to_bytes("phyllo sip token ");
  core::append(out, h);
  core::append(out, core::as_bytes(domain));
  return out;
}

// RFC 4648 s.5: safe in URIs.
std::string to_text(core::byte_view data) {
  auto out = core::to_base64(data);
  std::ranges::replace(out, '+', '-');
  std::ranges::replace(out, '/', '_');
  out.erase(out.find_last_not_of('=') + 1);
  return out;
}

std::optional<core::bytes> from_text(std::string_view text) {
  if (text.size() < 4 || text.size() > token_sealer::text_max || text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  std::string plain(text);
  std::ranges::replace(plain, '-', '+');
  std::ranges::replace(plain, '_', '/');
  plain.append((4 - plain.size() % 4) % 4, '=');
  return core::from_base64(plain);
}

}  // namespace

std::string token_sealer::seal(token_use use, const std::string& domain, core::byte_view content) const {
  const auto& secrets = keys_->of(domain);
  if (secrets.empty()) return {};
  const auto first = head_of(use, secrets.front().generation, domain);
  auto out = core::to_bytes(core::byte_view(first));
  core::append(out, secrets.front().tokens.seal(context_of(first, domain), content));
  return to_text(out);
}

std::optional<token_sealer::opened> token_sealer::open(token_use use, std::string_view text) const {
  const auto raw = from_text(text);
  if (!raw || raw->size() < head_octets + identity::token_key::overhead || raw->front() != std::to_underlying(use)) return std::nullopt;
  const auto sealed = core::byte_view(*raw).subspan(head_octets);
  for (const auto& domain : keys_->domains()) {
    for (const auto& secret : keys_->of(domain)) {
      const auto first = head_of(use, secret.generation, domain);
      if (!std::equal(first.begin(), first.end(), raw->begin())) continue;
      if (auto content = secret.tokens.open(context_of(first, domain), sealed)) return opened{domain, std::move(*content)};
    }
  }
  return std::nullopt;
}

}  // namespace phyllo::sip
