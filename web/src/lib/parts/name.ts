// What a member is called.
import type { MemberRef } from '#lib/api/index.ts';

export function memberName(member: MemberRef): string {
	return member.display_name ?? member.name;
}
