#include "phyllo/node/anchor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <sstream>

#include "phyllo/disk/private_directory.hpp"
#include "phyllo/disk/private_file.hpp"
#include "phyllo/identity/digest.hpp"

namespace phyllo::node {
namespace {

constexpr std::string_view prefix = "sha256:";

std::string told(const std::vector<std::string>& fingerprints) { return fmt::format("{}", fmt::join(fingerprints, " ")); }

std::optional<pinned_anchor> parse_anchor(const std::string& text) {
  pinned_anchor a;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with("sequence ")) {
      const auto* end = line.data() + line.size();
      const auto read = std::from_chars(line.data() + 9, end, a.sequence);
      if (read.ec != std::errc() || read.ptr != end) return {};
    } else if (const auto f = read_fingerprint(line)) {
      a.fingerprints.push_back(*f);
    } else {
      return {};
    }
  }
  if (a.fingerprints.empty()) return {};
  return a;
}

core::result<std::optional<pinned_anchor>> anchor_on_disk(const configuration& c) {
  const auto text = disk::read_file(anchor_file(c));
  if (!text) return core::fail(text.error());
  if (!*text) return std::optional<pinned_anchor>();
  auto a = parse_anchor(**text);
  if (!a) return core::fail(errc::configuration, anchor_file(c) + ": expected lines sha256:<64 hex digits>; see supernode anchor replace");
  return a;
}

}  // namespace

std::string anchor_file(const configuration& c) { return c.in_data_directory("anchor"); }

std::string anchor_fingerprint(core::byte_view root_certificate) {
  return std::string(prefix) + core::to_hex(identity::sha256(root_certificate));
}

std::vector<std::string> anchor_fingerprints(const identity::configuration& document) {
  std::vector<std::string> out;
  for (const auto& root : document.root_certificates) out.push_back(anchor_fingerprint(root));
  return out;
}

std::optional<std::string> read_fingerprint(std::string_view text) {
  std::string hex;
  if (core::equal_ignoring_case(text.substr(0, prefix.size()), prefix)) text.remove_prefix(prefix.size());
  for (const char ch : text) {
    if (ch != ':') hex += ch;
  }
  const auto digest = core::from_hex(hex);
  if (!digest || digest->size() != identity::sha256_digest().size()) return {};
  return std::string(prefix) + core::to_hex(*digest);
}

core::result<std::optional<pinned_anchor>> load_anchor(const configuration& c) {
  auto kept = anchor_on_disk(c);
  if (!kept) return kept;
  if (c.bootstrap.ca_fingerprint.empty()) return kept;
  const auto wanted = read_fingerprint(c.bootstrap.ca_fingerprint);  // validate has seen it
  if (!*kept) return std::optional(pinned_anchor{{*wanted}, 0});
  if (std::ranges::find((*kept)->fingerprints, *wanted) == (*kept)->fingerprints.end()) {
    return core::fail(
        errc::configuration,
        fmt::format("bootstrap.ca_fingerprint is {}, but this node is pinned to {} ({}). If the overlay's certificate authority "
                    "was replaced: supernode anchor replace {}",
                    *wanted, told((*kept)->fingerprints), anchor_file(c), *wanted));
  }
  return kept;
}

core::status save_anchor(const configuration& c, const pinned_anchor& a) {
  return disk::write_private_file(anchor_file(c), fmt::format("{}\nsequence {}\n", fmt::join(a.fingerprints, "\n"), a.sequence));
}

core::status replace_anchor(const configuration& c, const std::string& fingerprint) {
  if (auto done = disk::make_private_directory(c.node.data_directory); !done) return done;
  if (auto done = save_anchor(c, {{fingerprint}, 0}); !done) return done;
  for (const char* name : {"document.xml", "node.pem", "revocations"}) {
    std::error_code ec;
    std::filesystem::remove(c.in_data_directory(name), ec);
    if (ec) return core::fail(disk::errc::io, fmt::format("{}: {}", c.in_data_directory(name), ec.message()));
  }
  return {};
}

}  // namespace phyllo::node
