#include "files/revocation_file.hpp"

#include "phyllo/disk/private_file.hpp"

namespace phyllo::node {
namespace {

constexpr std::size_t file_bytes_max = std::size_t{identity::revocations_max} * identity::revocation_bytes + 64 * 1024;

std::string path_of(const configuration& c) { return c.in_data_directory("revocations"); }

}  // namespace

core::status take_revocations(core::byte_view encoded, const identity::configuration& document, identity::trust& trust,
                              core::wall_time now) {
  auto head = identity::read_revocation_head(identity::revocation_list::head_of(encoded), trust, document.configuration_signers, now);
  if (!head) return core::fail(head.error());
  if (head->number <= trust.revocations().number()) return {};
  return trust.revocations().load(std::move(*head), encoded);
}

core::status load_revocations(const configuration& c, const identity::configuration& document, identity::trust& trust,
                              core::wall_time now) {
  const auto kept = disk::read_file(path_of(c), file_bytes_max);
  if (!kept) return core::fail(kept.error());
  if (!*kept) return {};
  auto taken = take_revocations(core::as_bytes(**kept), document, trust, now);
  if (!taken) return core::fail(taken.error().at(path_of(c)));
  return {};
}

core::status save_revocations(const configuration& c, const identity::revocation_list& list) {
  const auto encoded = list.encode();
  if (encoded.empty()) return {};
  return disk::write_private_file(path_of(c), core::as_text(encoded));
}

}  // namespace phyllo::node
